import type { LogLine } from '@/api/types';

export type LogSeverity = 'error' | 'warn' | 'other';

export function severityOf(line: Pick<LogLine, 'severity'>): LogSeverity {
  const severity = line.severity?.toUpperCase() ?? '';
  return /^(ERROR|FATAL|CRIT)/.test(severity) ? 'error' : severity.startsWith('WARN') ? 'warn' : 'other';
}
