// Values as people read them. Everything here is for fixed-width numerals and English.

const kMinuteMs = 60_000;
const kHourMs = 3_600_000;

/** A length of time with three significant figures: 0.42 ms, 37 ms, 412 ms, 1.24 s, 3 m 07 s, 2 h 05 m. */
export function formatDuration(milliseconds: number): string {
  const sign = milliseconds < 0 ? '−' : '';
  const value = Math.abs(milliseconds);
  if (value === 0) return '0 ms';
  if (value < 0.001) return `${sign}${(value * 1e6).toFixed(0)} ns`;
  if (value < 0.9995) return `${sign}${(value * 1000).toFixed(0)} µs`;
  if (value < 9.995) return `${sign}${value.toFixed(1)} ms`;
  if (value < 999.5) return `${sign}${value.toFixed(0)} ms`;
  if (value < 9_995) return `${sign}${(value / 1000).toFixed(2)} s`;
  if (value < 59_950) return `${sign}${(value / 1000).toFixed(1)} s`;
  const seconds = Math.round(value / 1000);
  if (seconds < 3600) return `${sign}${Math.floor(seconds / 60)} m ${pad(seconds % 60)} s`;
  return `${sign}${Math.floor(seconds / 3600)} h ${pad(Math.floor((seconds % 3600) / 60))} m`;
}

/** A response latency, always in milliseconds up to ten seconds so that columns compare at a glance. */
export function formatLatency(milliseconds: number): string {
  return milliseconds < 9_999.5 ? `${formatCount(Math.round(milliseconds))} ms` : formatDuration(milliseconds);
}

/** A point on a call's axis: 0:07.250, 1:02:03.000. `digits` is how many of the fraction are shown. */
export function formatOffset(milliseconds: number, digits = 3): string {
  const scale = 10 ** digits;
  const ticks = Math.round((Math.abs(milliseconds) / 1000) * scale);
  const sign = milliseconds < 0 && ticks > 0 ? '−' : '';
  const whole = Math.floor(ticks / scale);
  const fraction = digits === 0 ? '' : `.${String(ticks % scale).padStart(digits, '0')}`;
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor((whole % 3600) / 60);
  const head = hours > 0 ? `${hours}:${pad(minutes)}` : String(minutes);
  return `${sign}${head}:${pad(whole % 60)}${fraction}`;
}

/** A call's length: 0:42, 12:07, 2:00:31. */
export const formatLength = (seconds: number): string => formatOffset(Math.round(seconds) * 1000, 0);

const counts = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
export const formatCount = (value: number): string => counts.format(value);

/** A count in at most four characters or so: 812, 4.1k, 38k, 1.2M. */
export function formatCompact(value: number): string {
  if (value < 1_000) return String(Math.round(value));
  if (value < 9_950) return `${(value / 1_000).toFixed(1)}k`;
  if (value < 999_500) return `${(value / 1_000).toFixed(0)}k`;
  if (value < 9_950_000) return `${(value / 1_000_000).toFixed(1)}M`;
  return `${(value / 1_000_000).toFixed(0)}M`;
}

/** US dollars, with as many digits as a small sum needs: $0.00042, $0.031, $4.20, $1,204. */
export function formatUsd(value: number): string {
  if (value === 0) return '$0';
  if (value < 0.001) return `$${value.toFixed(5)}`;
  if (value < 0.1) return `$${value.toFixed(4)}`;
  if (value < 1) return `$${value.toFixed(3)}`;
  if (value < 1_000) return `$${value.toFixed(2)}`;
  return `$${counts.format(value)}`;
}

export function formatShare(part: number, whole: number): string {
  if (whole === 0) return '–';
  const percent = (part / whole) * 100;
  return percent === 0 || percent >= 9.95 ? `${percent.toFixed(0)} %` : `${percent.toFixed(1)} %`;
}

export function formatBytes(bytes: number): string {
  if (bytes < 1_000) return `${bytes} B`;
  if (bytes < 1_000_000) return `${(bytes / 1_000).toFixed(1)} kB`;
  return `${(bytes / 1_000_000).toFixed(1)} MB`;
}

/** Local wall clock: 15:04:05 today, else 21 Nov 15:04:05, with the year when it is another. */
export function formatClock(date: Date, now: Date): string {
  const time = `${pad(date.getHours())}:${pad(date.getMinutes())}:${pad(date.getSeconds())}`;
  if (date.toDateString() === now.toDateString()) return time;
  const day = `${date.getDate()} ${kMonths[date.getMonth()] ?? ''}`;
  return date.getFullYear() === now.getFullYear() ? `${day} ${time}` : `${day} ${date.getFullYear()} ${time}`;
}

/** Local date and time to the second, for places where the day matters: 2026-11-21 15:04:05. */
export function formatDateTime(date: Date): string {
  const day = `${date.getFullYear()}-${pad(date.getMonth() + 1)}-${pad(date.getDate())}`;
  return `${day} ${pad(date.getHours())}:${pad(date.getMinutes())}:${pad(date.getSeconds())}`;
}

export function formatAgo(date: Date, now: Date): string {
  const milliseconds = now.getTime() - date.getTime();
  if (milliseconds < 5_000) return 'just now';
  if (milliseconds < kMinuteMs) return `${Math.round(milliseconds / 1000)} s ago`;
  if (milliseconds < kHourMs) return `${Math.round(milliseconds / kMinuteMs)} min ago`;
  if (milliseconds < 24 * kHourMs) return `${Math.round(milliseconds / kHourMs)} h ago`;
  return `${Math.round(milliseconds / (24 * kHourMs))} d ago`;
}

/** "1 call", "2 calls". */
export const plural = (count: number, noun: string, nouns = `${noun}s`): string => `${formatCount(count)} ${count === 1 ? noun : nouns}`;

const kMonths = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const pad = (value: number): string => String(value).padStart(2, '0');
