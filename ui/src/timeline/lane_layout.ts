import { px, type Px } from '@/base/units';
import type { Lane, LaneRow } from '@/model/lanes';

const kRowPx = 19;
const kLanePaddingPx = 4;

export interface LaneBand {
  readonly lane: Lane;
  readonly top: Px;
  readonly height: Px;
}

/** Where the swim lanes stand, from top to bottom. */
export class LaneLayout {
  readonly bands: readonly LaneBand[];
  readonly height: Px;
  static readonly rowHeight = px(kRowPx);
  static readonly barHeight = px(kRowPx - 2);

  constructor(lanes: readonly Lane[]) {
    let top = 0;
    this.bands = lanes.map((lane) => {
      const height = lane.rows.length * kRowPx + 2 * kLanePaddingPx;
      const band = { lane, top: px(top), height: px(height) };
      top += height;
      return band;
    });
    this.height = px(top);
  }

  rowTop(band: LaneBand, row: number): Px {
    return px(band.top + kLanePaddingPx + row * kRowPx);
  }

  rowAt(y: number): LaneRow | undefined {
    for (const band of this.bands) {
      if (y < band.top || y >= band.top + band.height) continue;
      const row = Math.floor((y - band.top - kLanePaddingPx) / kRowPx);
      return band.lane.rows[Math.max(0, Math.min(band.lane.rows.length - 1, row))];
    }
    return undefined;
  }
}
