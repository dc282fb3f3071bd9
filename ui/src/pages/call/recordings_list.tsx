import { useMutation } from '@tanstack/react-query';
import { useState, type JSX } from 'react';
import { fetchRecording } from '@/api/recordings';
import type { Call, Recording } from '@/api/types';
import { formatBytes, formatLength } from '@/base/format';
import { Button } from '@/widgets/button';
import { Icon } from '@/widgets/icon';
import { explain } from '@/widgets/state';

/** The recordings of a call as they were received. */
export function RecordingsList({ call }: { readonly call: Call }): JSX.Element {
  if (call.recordings.length === 0) return <p className="text-xs text-faint">None was sent.</p>;
  return (
    <ul className="flex flex-col gap-2">
      {call.recordings.map((recording) => (
        <li key={recording.id}>
          <Row call={call} recording={recording} />
        </li>
      ))}
    </ul>
  );
}

function Row({ call, recording }: { readonly call: Call; readonly recording: Recording }): JSX.Element {
  const [share, setShare] = useState(0);
  const download = useMutation({
    mutationFn: () => fetchRecording(recording, true, new AbortController().signal, setShare),
    onSuccess: (blob) => {
      const link = document.createElement('a');
      link.href = URL.createObjectURL(blob);
      link.download = `call-${call.id}-${recording.id}.${recording.format ?? 'bin'}`;
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
    },
  });
  const facts = [
    recording.format ?? recording.contentType,
    recording.channels === 1 ? 'mono' : `${recording.channels} channels`,
    recording.sampleRateHz === undefined ? '' : `${recording.sampleRateHz} Hz`,
    recording.durationS === undefined ? '' : formatLength(recording.durationS),
    recording.bytes === undefined ? '' : formatBytes(recording.bytes),
    recording.source === undefined ? '' : `from ${recording.source}`,
  ].filter((text) => text !== '');
  return (
    <div className="num flex flex-col items-start gap-1 text-xs">
      <span className="text-ink">{facts.join(', ')}</span>
      {recording.state === 'receiving' && <span className="text-good">still coming in</span>}
      {recording.state === 'failed' && <span className="text-bad">did not arrive whole</span>}
      <Button disabled={download.isPending} onClick={() => download.mutate()}>
        <Icon name="download" /> {download.isPending ? `Fetching ${Math.round(share * 100)} %` : 'Download as received'}
      </Button>
      {download.isError && <span role="alert" className="text-bad">{explain(download.error)}</span>}
    </div>
  );
}
