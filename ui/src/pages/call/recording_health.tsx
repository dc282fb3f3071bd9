import type { JSX, ReactNode } from 'react';
import type { AudioFacts, Call } from '@/api/types';
import { formatDuration, formatLatency } from '@/base/format';
import { Fields } from '@/base/json';
import { numberAt } from '@/model/call_facts';
import { Icon } from '@/widgets/icon';
import { JsonView } from '@/widgets/json_view';
import { NotCaptured } from '@/widgets/state';

/** What the analysis says of how the two talked, and how far the recording can be trusted. */
export function RecordingHealth({ call }: { readonly call: Call }): JSX.Element | null {
  const { audio } = call;
  if (audio?.state !== 'done') return null;
  return (
    <>
      <TurnTaking audio={audio} />
      <Health audio={audio} />
    </>
  );
}

function TurnTaking({ audio }: { readonly audio: AudioFacts }): JSX.Element {
  const number = (...path: readonly string[]): number | undefined => numberAt(audio.metrics, path);
  const seconds = (...path: readonly string[]): ReactNode => measured(number(...path), (value) => formatDuration(value * 1000));
  const count = (...path: readonly string[]): ReactNode => measured(number(...path), String);
  const share = (...path: readonly string[]): ReactNode => measured(number(...path), (value) => `${(value * 100).toFixed(1)} %`);
  const error = number('latency_error_s');
  const missing = new Fields(audio.metrics, 'metrics').list('not_measured', (item) => item.text('reason') ?? '');
  return (
    <section className="border-b border-line px-4 py-3">
      <h3 className="mb-1.5 text-xs font-semibold text-dim">Turn-taking</h3>
      <dl className="num grid grid-cols-[minmax(0,1fr)_auto] gap-x-4 gap-y-0.5 text-xs">
        <Fact name="Response latency p50" title={error === undefined ? undefined : `A single latency is right to about ${formatLatency(error * 1000)}`}>
          {seconds('response_latency_s', 'p50')}
          {error !== undefined && <span className="text-faint"> ± {formatLatency(error * 1000)}</span>}
        </Fact>
        <Fact name="Time to first audio">{seconds('time_to_first_audio_s')}</Fact>
        <Fact name="Caller cut in, of them the agent gave way">
          {count('interruptions', 'by_caller', 'counted')} <Slash /> {count('interruptions', 'by_caller', 'yielded')}
        </Fact>
        <Fact name="Until the agent fell silent, median">{seconds('interruptions', 'by_caller', 'yield_s', 'p50')}</Fact>
        <Fact name="Agent cut in">{count('interruptions', 'by_agent', 'counted')}</Fact>
        <Fact name="Stopped for a mere “mm-hm”">{count('false_yields')}</Fact>
        <Fact name="Unanswered turns">{count('unanswered_turns')}</Fact>
        <Fact name="Dead air, longest">
          {count('dead_air', 'n')} <Slash /> {seconds('dead_air', 'longest_s')}
        </Fact>
        <Fact name="Both speak, nobody speaks">
          {share('overlap_share')} <Slash /> {share('silence_share')}
        </Fact>
        <Fact name="Words a minute, caller, agent">
          {measured(number('caller', 'words_per_minute'), (value) => value.toFixed(0))} <Slash /> {measured(number('agent', 'words_per_minute'), (value) => value.toFixed(0))}
        </Fact>
        <Fact name="EVA turn-taking" title="ServiceNow EVA, 0 to 1">{measured(number('panels', 'eva', 'turn_taking'), (value) => value.toFixed(2))}</Fact>
        <Fact name="τ-voice L_R, R_R" title="Mean response latency, and share of turns that were answered">
          {seconds('panels', 'tau_voice', 'L_R')} <Slash /> {share('panels', 'tau_voice', 'R_R')}
        </Fact>
      </dl>
      {missing.length > 0 && <p className="mt-1 text-2xs text-dim">Not measured: {[...new Set(missing)].join('; ')}.</p>}
      <details className="mt-1.5">
        <summary className="cursor-pointer text-2xs text-dim">All measures and settings</summary>
        <div className="mt-1 flex flex-col gap-2">
          <JsonView value={audio.metrics} label="metrics" />
          <JsonView value={audio.settings} label="settings" />
        </div>
      </details>
    </section>
  );
}

function Health({ audio }: { readonly audio: AudioFacts }): JSX.Element {
  const health = new Fields(audio.health, 'health');
  const flags = health.list('flags', (item) => item.text('message') ?? item.text('code') ?? '');
  const channels = health.list('by_channel', (item) => item);
  const agent = health.object('agent_channel');
  const side = (at: number): string => (audio.agentChannel === undefined ? `channel ${at + 1}` : at === audio.agentChannel ? 'agent' : 'caller');
  return (
    <section className="px-4 py-3">
      <h3 className="mb-1.5 text-xs font-semibold text-dim">Recording</h3>
      {flags.map((flag) => (
        <p key={flag} className="mb-1 flex items-start gap-1.5 text-xs text-ink">
          <Icon name="warning" className="mt-0.5 size-3.5 text-warn" />
          {flag}
        </p>
      ))}
      <p className="num text-xs text-dim">
        {[health.text('format'), health.text('encoding'), number(health.number('sample_rate_hz'), 'Hz', 0), health.number('channels') === 1 ? 'mono' : `${health.number('channels') ?? '?'} channels`].filter(Boolean).join(', ')}
        {agent?.text('choice') === 'found' && `; the agent’s channel was found out, ${((agent.number('confidence') ?? 0) * 100).toFixed(0)} % sure`}
        {agent?.text('choice') === 'stated' && '; the agent’s channel was stated'}
      </p>
      {channels.length > 0 && (
        <table aria-label="Channels" className="num mt-1.5 w-full text-xs">
          <thead>
            <tr className="text-2xs text-faint">
              <td />
              {channels.map((channel, at) => (
                <th key={at} scope="col" className="text-right font-normal">{side(channel.number('channel') ?? at)}</th>
              ))}
            </tr>
          </thead>
          <tbody>
            {kMeasures.map(([name, key, unit, digits]) => (
              <tr key={key}>
                <th scope="row" className="text-left font-normal text-dim">{name}</th>
                {channels.map((channel, at) => (
                  <td key={at} className="text-right text-ink">{measured(channel.number(key), (value) => number(unit === '%' ? value * 100 : value, unit, digits))}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}

const kMeasures: readonly (readonly [name: string, key: string, unit: string, digits: number])[] = [
  ['Loudness', 'loudness_lufs', 'LUFS', 1],
  ['Signal to noise', 'snr_db', 'dB', 1],
  ['Peak', 'peak_db', 'dB', 1],
  ['Clipped', 'clipped_share', '%', 2],
  ['Dropouts', 'dropouts', '', 0],
  ['Bandwidth', 'bandwidth_hz', 'Hz', 0],
];

const Slash = (): JSX.Element => <span className="text-faint">/</span>;

const number = (value: number | undefined, unit: string, digits: number): string => (value === undefined ? '' : `${value.toFixed(digits)}${unit === '' ? '' : ` ${unit}`}`);

const measured = (value: number | undefined, format: (value: number) => string): ReactNode => (value === undefined ? <NotCaptured short /> : format(value));

function Fact({ name, title, children }: { readonly name: string; readonly title?: string | undefined; readonly children: ReactNode }): JSX.Element {
  return (
    <>
      <dt className="truncate text-dim" title={title}>{name}</dt>
      <dd className="text-right text-ink">{children}</dd>
    </>
  );
}
