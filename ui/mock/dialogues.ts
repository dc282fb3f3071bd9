export interface ToolLine {
  readonly name: string;
  readonly args: unknown;
  readonly result?: unknown;
  readonly error?: string;
}

export interface Line {
  readonly user: string;
  readonly agent: string;
  readonly tool?: ToolLine;
}

export interface Dialogue {
  readonly greeting: string;
  readonly system: string;
  readonly lines: readonly Line[];
}

export const kDialogues: readonly Dialogue[] = [
  {
    greeting: 'Hi, you’ve reached Northwind support. How can I help today?',
    system: 'You are a voice support agent for Northwind, an outdoor equipment shop. Keep answers short. Never promise a delivery date the order system has not given.',
    lines: [
      { user: 'Yeah hi, I ordered a tent like two weeks ago and it still hasn’t shown up.', agent: 'I’m sorry about the wait. I can look that up for you. Could you give me the order number?' },
      {
        user: 'It’s, uh, N W four four one nine two.',
        agent: 'Thanks. I see order N W 4 4 1 9 2, a Ridgeline two-person tent. It left our warehouse on the tenth and the carrier has marked it delayed at the Leeds depot.',
        tool: { name: 'lookup_order', args: { order_id: 'NW-44192', include: ['shipments', 'items'] }, result: { order_id: 'NW-44192', status: 'shipped', items: [{ sku: 'TENT-RDG-2', name: 'Ridgeline 2P tent', qty: 1, price: 249.0 }], shipments: [{ carrier: 'Parcelwise', tracking: 'PW882014553GB', status: 'delayed', depot: 'Leeds', last_scan: '2026-11-14T06:12:00Z' }] } },
      },
      { user: 'Okay, so when is it going to get here?', agent: 'The carrier hasn’t given a new date. I can open a trace with them, or send a replacement today. Which would you prefer?' },
      {
        user: 'Just send the replacement, please. To the same address.',
        agent: 'I wasn’t able to create the replacement just now, the stock system isn’t answering. Let me try once more.',
        tool: { name: 'create_replacement', args: { order_id: 'NW-44192', sku: 'TENT-RDG-2', ship_to: 'original', reason: 'carrier_delay' }, error: 'HTTPError: 504 Gateway Timeout for url: https://stock.internal/v2/reservations (upstream timed out after 8000 ms)' },
      },
      {
        user: 'Sure, go ahead.',
        agent: 'Done. A replacement will leave the warehouse this afternoon, and I’ve sent the tracking link to your email.',
        tool: { name: 'create_replacement', args: { order_id: 'NW-44192', sku: 'TENT-RDG-2', ship_to: 'original', reason: 'carrier_delay', attempt: 2 }, result: { replacement_id: 'RPL-20931', status: 'reserved', ships: 'today' } },
      },
      { user: 'Great. And do I have to send the first one back if it turns up?', agent: 'No, please keep it or refuse the delivery. You won’t be charged for either.' },
      { user: 'Perfect, thank you so much.', agent: 'You’re welcome. Enjoy the tent, and goodbye!', tool: { name: 'end_call', args: { reason: 'resolved' }, result: { ok: true } } },
    ],
  },
  {
    greeting: 'Good afternoon, Lakeside Dental. Are you calling to book or change an appointment?',
    system: 'You book appointments for Lakeside Dental. Confirm name and date of birth before reading anything from a record.',
    lines: [
      { user: 'I need to move my appointment on Thursday.', agent: 'Of course. May I have your full name and date of birth?' },
      { user: 'Maria Okafor, the third of May nineteen eighty eight.', agent: 'Thank you, Maria. I have you on Thursday at half past nine with Dr. Hale for a cleaning.', tool: { name: 'find_patient', args: { name: 'Maria Okafor', dob: '1988-05-03' }, result: { patient_id: 'p_20417', appointments: [{ id: 'a_9912', at: '2026-11-26T09:30', with: 'Dr. Hale', kind: 'cleaning' }] } } },
      { user: 'Do you have anything on Friday, maybe in the afternoon?', agent: 'On Friday I have two fifteen and four o’clock. Which one suits you?', tool: { name: 'list_slots', args: { day: '2026-11-27', after: '12:00', with: 'Dr. Hale' }, result: { slots: ['14:15', '16:00'] } } },
      { user: 'Four works. Wait, no, two fifteen.', agent: 'Two fifteen on Friday with Dr. Hale. I’ve moved it, and you’ll get a text message to confirm.', tool: { name: 'move_appointment', args: { appointment_id: 'a_9912', to: '2026-11-27T14:15' }, result: { ok: true, appointment_id: 'a_9912' } } },
      { user: 'Thanks, bye.', agent: 'Goodbye, Maria.' },
    ],
  },
  {
    greeting: 'Welcome to Meridian Bank’s card line. For your security this call is recorded. What can I do for you?',
    system: 'You handle lost and stolen cards. Freeze first, ask later. Never read out a full card number.',
    lines: [
      { user: 'I lost my card, I think somebody took it.', agent: 'I’ll freeze it right away. What are the last four digits?' },
      { user: 'Seven seven oh two.', agent: 'Your card ending 7 7 0 2 is frozen. Nobody can use it now. When did you last have it?', tool: { name: 'freeze_card', args: { last4: '7702' }, result: { card_id: 'c_77aa02', state: 'frozen' } } },
      { user: 'This morning at the station, like around eight.', agent: 'I see two payments after eight, eleven pounds forty at Coffee Yard and sixty pounds at Metro Fuel. Do you recognise them?', tool: { name: 'recent_payments', args: { card_id: 'c_77aa02', since: '2026-11-21T08:00' }, result: { payments: [{ amount: 11.4, at: 'Coffee Yard' }, { amount: 60, at: 'Metro Fuel' }] } } },
      { user: 'The coffee was me. The fuel wasn’t.', agent: 'I’ve disputed the sixty pounds, and a new card will reach you in three working days.', tool: { name: 'open_dispute', args: { card_id: 'c_77aa02', amount: 60, merchant: 'Metro Fuel' }, error: 'ValidationError: field "merchant_id" is required' } },
      { user: 'How do I pay for things until then?', agent: 'You can add the new card to your phone now. It’s ready in the app under Cards.' },
      { user: 'Okay. That’s all, thanks.', agent: 'Take care, goodbye.' },
    ],
  },
];
