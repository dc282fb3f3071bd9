"""What is said in the calls that are fed, and where time is lost."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Tool:
    name: str
    arguments: dict[str, Any]
    result: Any = None
    error: str = ""
    took_ms: float = 300


@dataclass(frozen=True)
class Exchange:
    """What the caller says, what the agent answers, and what each stage between them took."""

    caller: str
    agent: str
    tool: Tool | None = None
    endpointing_ms: float = 420
    stt_ms: float = 260
    llm_ms: float = 480
    tts_ms: float = 190
    # Between the first byte of speech and when it is heard: no span covers it.
    playout_ms: float = 120
    # The silence before the caller speaks; negative where they talk over the agent's last words.
    pause_ms: float = 700
    # The caller breaks into this answer.
    cut_short: bool = False
    confidence: float = 0.96


@dataclass(frozen=True)
class Dialogue:
    agent: str
    system: str
    greeting: str
    exchanges: tuple[Exchange, ...]
    metadata: dict[str, str] = field(default_factory=dict)
    caller_voice: str = "en-gb+f3"
    agent_voice: str = "en-us+m3"


SUPPORT = Dialogue(
    agent="support",
    system="You are a voice support agent for Northwind, an outdoor equipment shop. Keep answers short. Never promise a "
    "delivery date that the order system has not given.",
    greeting="Hi, you have reached Northwind support. How can I help today?",
    metadata={"tier": "gold", "customer": "c-2041"},
    exchanges=(
        Exchange(
            "Yeah hi, I ordered a tent like two weeks ago and it still hasn't shown up.",
            "I'm sorry about the wait. I can look that up for you. Could you give me the order number?",
        ),
        Exchange(
            "It's, uh, N W four four one nine two.",
            "Thanks. I see order N W 4 4 1 9 2, a Ridgeline two-person tent. It left our warehouse on the tenth and the "
            "carrier has marked it delayed at the Leeds depot.",
            tool=Tool(
                "lookup_order",
                {"order_id": "NW-44192", "include": ["shipments", "items"]},
                {
                    "order_id": "NW-44192",
                    "status": "shipped",
                    "items": [{"sku": "TENT-RDG-2", "name": "Ridgeline 2P tent", "price": 249.0}],
                    "shipments": [{"carrier": "Parcelwise", "status": "delayed", "depot": "Leeds"}],
                },
                took_ms=640,
            ),
            confidence=0.71,
        ),
        Exchange(
            "Okay, so when is it going to get here?",
            "The carrier hasn't given a new date. I can open a trace with them, or send a replacement today. Which would "
            "you prefer?",
            cut_short=True,
            playout_ms=310,
        ),
        Exchange(
            "Just send the replacement, please. To the same address.",
            "I wasn't able to create the replacement just now, the stock system isn't answering. Let me try once more.",
            tool=Tool(
                "create_replacement",
                {
                    "order_id": "NW-44192",
                    "sku": "TENT-RDG-2",
                    "ship_to": "original",
                    "reason": "carrier_delay",
                },
                error="HTTPError: 504 Gateway Timeout for url: https://stock.internal/v2/reservations "
                "(upstream timed out after 2400 ms)",
                took_ms=2400,
            ),
            endpointing_ms=610,
            llm_ms=730,
            playout_ms=540,
        ),
        Exchange(
            "Sure, go ahead.",
            "Done. A replacement will leave the warehouse this afternoon, and I've sent the tracking link to your email.",
            tool=Tool(
                "create_replacement",
                {
                    "order_id": "NW-44192",
                    "sku": "TENT-RDG-2",
                    "ship_to": "original",
                    "reason": "carrier_delay",
                    "attempt": 2,
                },
                {"replacement_id": "RPL-20931", "status": "reserved", "ships": "today"},
                took_ms=850,
            ),
            pause_ms=300,
        ),
        Exchange(
            "Great. And do I have to send the first one back if it turns up?",
            "No, please keep it or refuse the delivery. You won't be charged for either.",
            pause_ms=2600,
        ),
        Exchange("Perfect, thank you so much.", "You're welcome. Enjoy the tent, and goodbye!", llm_ms=350),
    ),
)

DENTIST = Dialogue(
    agent="front-desk",
    system="You book appointments for Lakeside Dental. Confirm name and date of birth before reading anything from a record.",
    greeting="Good afternoon, Lakeside Dental. Are you calling to book or change an appointment?",
    metadata={"tier": "basic", "clinic": "lakeside"},
    caller_voice="en-us+f4",
    agent_voice="en-gb+m7",
    exchanges=(
        Exchange(
            "I need to move my appointment on Thursday.",
            "Of course. May I have your full name and date of birth?",
        ),
        Exchange(
            "Maria Okafor, the third of May nineteen eighty eight.",
            "Thank you, Maria. I have you on Thursday at half past nine with Doctor Hale for a cleaning.",
            tool=Tool(
                "find_patient",
                {"name": "Maria Okafor", "dob": "1988-05-03"},
                {"patient_id": "p_20417", "appointments": [{"id": "a_9912", "with": "Dr. Hale"}]},
                took_ms=410,
            ),
        ),
        Exchange(
            "Do you have anything on Friday, maybe in the afternoon?",
            "On Friday I have two fifteen and four o'clock. Which one suits you?",
            tool=Tool(
                "list_slots",
                {"day": "2026-11-27", "after": "12:00", "with": "Dr. Hale"},
                error="TimeoutError: the calendar did not answer within 1500 ms",
                took_ms=1500,
            ),
        ),
        Exchange(
            "Four works. Wait, no, two fifteen.",
            "Two fifteen on Friday with Doctor Hale. I've moved it, and you'll get a text message to confirm.",
            tool=Tool(
                "move_appointment",
                {"appointment_id": "a_9912", "to": "2026-11-27T14:15"},
                {"ok": True, "appointment_id": "a_9912"},
            ),
        ),
        Exchange("Thanks, bye.", "Goodbye, Maria."),
    ),
)

BANK = Dialogue(
    agent="card-line",
    system="You handle lost and stolen cards. Freeze first, ask later. Never read out a full card number.",
    greeting="Welcome to Meridian Bank's card line. For your security this call is recorded. What can I do for you?",
    metadata={"tier": "gold", "line": "cards"},
    exchanges=(
        Exchange(
            "I lost my card, I think somebody took it.",
            "I'll freeze it right away. What are the last four digits?",
        ),
        Exchange(
            "Seven seven oh two.",
            "Your card ending 7 7 0 2 is frozen. Nobody can use it now. When did you last have it?",
            tool=Tool("freeze_card", {"last4": "7702"}, {"card_id": "c_77aa02", "state": "frozen"}),
        ),
        Exchange(
            "The coffee was me. The fuel wasn't.",
            "I've disputed the sixty pounds, and a new card will reach you in three working days.",
            tool=Tool(
                "open_dispute",
                {"card_id": "c_77aa02", "amount": 60, "merchant": "Metro Fuel"},
                error='ValidationError: field "merchant_id" is required',
                took_ms=180,
            ),
        ),
        Exchange("Okay. That's all, thanks.", "Take care, goodbye."),
    ),
)

ALL = (SUPPORT, DENTIST, BANK)
