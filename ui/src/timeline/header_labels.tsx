import type { JSX } from 'react';
import type { KindColor } from '@/model/span_kind';
import type { Sound } from '@/waveform/sound';
import { GutterLabel } from './gutter_label';
import type { HeaderLayout, HeaderRowId } from './header_layout';

interface HeaderLabelsProps {
  readonly layout: HeaderLayout;
  readonly sound: Sound | undefined;
  readonly width: number;
  readonly logs: number;
  readonly muted: readonly boolean[];
  readonly onMute: (channel: number) => void;
}

/** The names of the rows above the lanes; a side of the recording can be muted here. */
export function HeaderLabels({ layout, sound, width, logs, muted, onMute }: HeaderLabelsProps): JSX.Element {
  return (
    <div className="relative shrink-0 border-r border-b border-line-strong bg-panel" style={{ width }}>
      {layout.rows.map((row) => (
        <div key={row.id} className="absolute left-0 flex items-center border-b border-line" style={{ top: row.top, height: row.height, width: width - 1 }}>
          {row.id === 'caller_wave' || row.id === 'agent_wave' ? (
            <WaveLabel sound={sound} at={row.id === 'caller_wave' ? 0 : 1} width={width - 1} muted={muted} onMute={onMute} />
          ) : (
            <GutterLabel width={width - 1} {...labelOf(row.id, logs)} />
          )}
        </div>
      ))}
    </div>
  );
}

function WaveLabel({ sound, at, width, muted, onMute }: { readonly sound: Sound | undefined; readonly at: number; readonly width: number; readonly muted: readonly boolean[]; readonly onMute: (channel: number) => void }): JSX.Element | null {
  const lane = sound?.lanes[at];
  if (lane === undefined) return null;
  const isMuted = muted[lane.channel] === true;
  return (
    <GutterLabel width={width} text={lane.label} color={lane.who ?? 'container'}>
      {sound!.lanes.length > 1 && (
        <button
          type="button"
          aria-pressed={isMuted}
          aria-label={`Mute ${lane.label.toLowerCase()}`}
          title={`Mute ${lane.label.toLowerCase()} (${lane.who === 'agent' ? 'M' : 'm'})`}
          onClick={() => onMute(lane.channel)}
          className={`ml-auto grid size-5 shrink-0 place-items-center rounded hover:bg-line hover:text-ink ${isMuted ? 'text-bad' : 'text-dim'}`}
        >
          <svg viewBox="0 0 16 16" className="size-3.5" fill="none" stroke="currentColor" strokeWidth="1.4" strokeLinecap="round" strokeLinejoin="round" aria-hidden="true">
            <path d={isMuted ? 'M7.5 3.5 4.5 6H2.5v4h2l3 2.5zM10.5 6.2l3.6 3.6M14.1 6.2l-3.6 3.6' : 'M7.5 3.5 4.5 6H2.5v4h2l3 2.5zM10 6a3 3 0 0 1 0 4M12 4.2a5.4 5.4 0 0 1 0 7.6'} />
          </svg>
        </button>
      )}
    </GutterLabel>
  );
}

function labelOf(id: HeaderRowId, logs: number): { readonly text: string; readonly color?: KindColor; readonly count?: number } {
  switch (id) {
    case 'turn':
      return { text: 'Turn' };
    case 'caller':
      return { text: 'Caller said', color: 'caller' };
    case 'agent':
      return { text: 'Agent said', color: 'agent' };
    case 'logs':
      return { text: 'Logs', count: logs };
    case 'note':
      return { text: 'Recording' };
    default:
      return { text: '' };
  }
}
