import { px, type Px } from '@/base/units';

export type HeaderRowId = 'ruler' | 'turn' | 'caller_wave' | 'caller' | 'agent' | 'agent_wave' | 'logs' | 'note' | 'apart';

export interface HeaderRow {
  readonly id: HeaderRowId;
  readonly top: Px;
  readonly height: Px;
}

const kHeights: Readonly<Record<HeaderRowId, number>> = { ruler: 20, turn: 17, caller_wave: 34, caller: 19, agent: 19, agent_wave: 34, logs: 15, note: 20, apart: 17 };

export interface HeaderContent {
  readonly waves: 'none' | 'one' | 'two';
  /** Whether the recording may stand among the spans, or only below them on a time of its own. */
  readonly aligned: boolean;
  readonly logs: boolean;
  /** A line in place of waves: why there are none, though there is a recording. */
  readonly note: boolean;
}

/** What stands above the lanes, from top to bottom. Waves frame what was said; one whose clock is unknown stands apart. */
export class HeaderLayout {
  readonly rows: readonly HeaderRow[];
  readonly height: Px;

  constructor(content: HeaderContent) {
    const first: readonly HeaderRowId[] = content.waves === 'none' ? [] : ['caller_wave'];
    const second: readonly HeaderRowId[] = content.waves === 'two' ? ['agent_wave'] : [];
    const ids: readonly HeaderRowId[] = [
      'ruler',
      'turn',
      ...(content.aligned ? first : []),
      'caller',
      'agent',
      ...(content.aligned ? second : []),
      ...(content.logs ? (['logs'] as const) : []),
      ...(content.note ? (['note'] as const) : []),
      ...(content.aligned || content.waves === 'none' ? [] : (['apart', ...first, ...second] as const)),
    ];
    let top = 0;
    this.rows = ids.map((id) => {
      const row = { id, top: px(top), height: px(kHeights[id]) };
      top += kHeights[id];
      return row;
    });
    this.height = px(top + 1);
  }

  find(id: HeaderRowId): HeaderRow | undefined {
    return this.rows.find((row) => row.id === id);
  }

  at(y: number): HeaderRow | undefined {
    return this.rows.find((row) => y >= row.top && y < row.top + row.height);
  }
}
