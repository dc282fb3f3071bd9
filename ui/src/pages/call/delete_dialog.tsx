import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import type { JSX } from 'react';
import { ApiError } from '@/api/client';
import { deleteCall } from '@/api/queries';
import type { Call } from '@/api/types';
import { Button } from '@/widgets/button';
import { Dialog } from '@/widgets/dialog';
import { explain } from '@/widgets/state';
import { listSearch } from '../list_memory';

export function DeleteDialog({ call, open, onClose }: { readonly call: Call; readonly open: boolean; readonly onClose: () => void }): JSX.Element {
  const client = useQueryClient();
  const navigate = useNavigate();
  const deletion = useMutation({
    mutationFn: (others: 'keep' | 'delete') => deleteCall(call.id, others),
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: ['calls'] });
      void navigate({ to: '/', search: listSearch() });
    },
  });
  const shares = deletion.error instanceof ApiError && deletion.error.status === 409;
  return (
    <Dialog open={open} onClose={onClose} title="Delete this call?" description="Its spans, logs and totals are removed for good, here and from analytics. Others who look at it lose it at once.">
      {deletion.isError && <p role="alert" className="mb-3 text-bad">{explain(deletion.error)}</p>}
      <div className="flex justify-end gap-2">
        <Button onClick={onClose}>Keep it</Button>
        <Button look="danger" disabled={deletion.isPending} onClick={() => deletion.mutate(shares ? 'delete' : 'keep')}>
          {deletion.isPending ? 'Deleting…' : shares ? 'Delete all of them' : 'Delete the call'}
        </Button>
      </div>
    </Dialog>
  );
}
