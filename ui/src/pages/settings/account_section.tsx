import { useMutation, useQuery } from '@tanstack/react-query';
import { useState, type JSX } from 'react';
import { changeOwnPassword, meQuery } from '@/api/users';
import { Button } from '@/widgets/button';
import { Section } from '@/widgets/section';
import { explain, Failure, Nothing, Skeleton } from '@/widgets/state';
import { kMeaning, PasswordField } from './user_fields';

/** Who is signed in, and their password. */
export function Account(): JSX.Element {
  const me = useQuery(meQuery);
  if (me.data === undefined) return me.error === null ? <Skeleton rows={4} label="your account" /> : <Failure error={me.error} what="Your account" onRetry={() => void me.refetch()} />;
  const user = me.data.user;
  if (user === undefined) {
    return (
      <Section title="Your account">
        <Nothing title="You are signed in with an API key">A key has no password. An administrator may add you under Users, and you sign in with a name and a password of your own.</Nothing>
      </Section>
    );
  }
  return (
    <>
      <Section title="Your account">
        <dl className="grid grid-cols-[9rem_minmax(0,1fr)] gap-y-1.5 px-4 py-3 text-xs">
          <dt className="text-dim">Name</dt>
          <dd className="text-ink">{user.name}</dd>
          <dt className="text-dim">Role</dt>
          <dd className="text-ink">
            {user.role}: {kMeaning[user.role]}
          </dd>
        </dl>
      </Section>
      <PasswordChange />
    </>
  );
}

function PasswordChange(): JSX.Element {
  const [known, setKnown] = useState('');
  const [wanted, setWanted] = useState('');
  const change = useMutation({ mutationFn: () => changeOwnPassword(known, wanted) });
  return (
    <Section title="Change your password" note="Signs you out everywhere, here too.">
      <form
        className="flex flex-wrap items-center gap-2 px-4 py-3"
        onSubmit={(event) => {
          event.preventDefault();
          change.mutate();
        }}
      >
        <PasswordField label="Current password" autoComplete="current-password" value={known} onChange={setKnown} />
        <PasswordField label="New password" autoComplete="new-password" value={wanted} onChange={setWanted} />
        <Button type="submit" look="primary" disabled={change.isPending || known === '' || wanted === ''}>
          Change the password
        </Button>
        {change.isError && (
          <span role="alert" className="text-bad">
            {explain(change.error)}
          </span>
        )}
      </form>
    </Section>
  );
}
