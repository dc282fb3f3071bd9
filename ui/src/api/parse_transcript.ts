import { present, type Fields } from '@/base/json';
import { msFromSeconds } from '@/base/units';
import { asText, textUnlessEmpty } from './parse_values';
import type { TranscriptLine, TranscriptTool } from './types';

export function parseTranscriptLine(fields: Fields): TranscriptLine {
  const start = fields.number('start_s');
  const end = fields.number('end_s');
  const tool = fields.object('tool');
  return present({
    index: fields.number('index') ?? 0,
    role: fields.oneOf('role', ['caller', 'agent', 'tool', 'system'], 'system'),
    text: fields.text('text') ?? '',
    start: start === undefined ? undefined : msFromSeconds(start),
    end: end === undefined ? undefined : msFromSeconds(end),
    interrupted: fields.flag('interrupted'),
    generatedText: textUnlessEmpty(fields.text('generated_text')),
    confidence: fields.number('confidence'),
    tool: tool === undefined ? undefined : parseTool(tool),
    source: fields.text('source'),
  });
}

function parseTool(fields: Fields): TranscriptTool {
  return present({
    id: fields.text('id'),
    name: fields.text('name') ?? '',
    arguments: asText(fields.raw('arguments')),
    result: asText(fields.raw('result')),
    isError: fields.flag('is_error'),
    error: asText(fields.raw('error')),
  });
}
