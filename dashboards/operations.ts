import { draw, replicas } from './dashboard.ts';
import { curves, figure } from './panels.ts';

const chosen = `${replicas}, target=~"$target"`;
const total = `sluice_operations_total{${chosen}`;

/** What is done to targets. */
export const operations = draw({
  uid: 'sluice-operations',
  title: 'Operations',
  description: 'What is done to targets, what came of it, and whether it is recorded.',
  variables: ['target'],
  rows: {
    Now: [
      figure({
        title: 'Unknown',
        description: 'Operations of the last day whose outcome is unknown.',
        queries: { unknown: `sum(max by (target) (sluice_operations_unsettled{${chosen}}))` },
        unit: 'short',
        alert: 'SluiceOperationsUnsettled',
      }),
      figure({
        title: 'Running',
        description: 'In all replicas.',
        queries: { running: `sum(sluice_operations_running{${replicas}})` },
        unit: 'short',
      }),
      figure({
        title: 'Oldest',
        description:
          'For how long the oldest operation has been running. 10 minutes are the most that a target may take.',
        queries: { oldest: `max(sluice_operations_oldest_running_seconds{${replicas}})` },
        unit: 's',
        alert: 'SluiceOperationStuck',
      }),
      figure({
        title: 'Store',
        description: '1 if it answers every replica. Nothing is changed while it does not.',
        queries: { available: `min(sluice_store_available{${replicas}})` },
        unit: 'short',
        alert: 'SluiceStoreDown',
      }),
      figure({
        title: 'Errors of records, 1 h',
        description: 'How often a record could not be written or completed.',
        queries: { errors: `sum(increase(sluice_record_faults_total{${replicas}}[1h]))` },
        unit: 'short',
        alert: 'SluiceRecordFaults',
      }),
      figure({
        title: 'Flushes by force, 1 h',
        description: 'Targets on which everything was ended, busy or not.',
        queries: { forced: `sum(increase(${total}, kind="sessions.flush", mode="forced"}[1h]))` },
        unit: 'short',
        alert: 'SluiceForcedFlush',
      }),
    ],
    'What was done': [
      curves({
        title: 'Operations by kind',
        description: 'That ended, in a minute, counted once a target.',
        queries: { '{{kind}} {{mode}}': `sum by (kind, mode) (rate(${total}}[$__rate_interval])) * 60` },
        unit: 'short',
        isStacked: true,
      }),
      curves({
        title: 'Operations by what came of them',
        description: 'In a minute, counted once a target.',
        queries: { '{{state}}': `sum by (state) (rate(${total}}[$__rate_interval])) * 60` },
        unit: 'short',
        isStacked: true,
      }),
      curves({
        title: 'Processes ended by kills',
        description: 'In 10 minutes. More than 200 on one target is a surge.',
        queries: {
          '{{target}}': `sum by (target) (increase(sluice_processes_ended_total{${chosen}, kind="processes.kill"}[10m]))`,
        },
        unit: 'short',
        alert: 'SluiceKillSurge',
      }),
      curves({
        title: 'Processes ended by flushes',
        description: 'In 10 minutes. Pools give no count.',
        queries: {
          '{{target}}': `sum by (target) (increase(sluice_processes_ended_total{${chosen}, kind="sessions.flush"}[10m]))`,
        },
        unit: 'short',
      }),
    ],
    'What was not': [
      curves({
        title: 'Held back by safeguards',
        description: 'Calls in a minute that were refused whole: protected, read-only, too many, or no budget left.',
        queries: {
          '{{code}}': `sum by (code) (rate(sluice_refusals_total{${replicas}, code=~"protected|read-only|too-many-processes|kill-budget-exhausted|flush-in-progress|plan-gone"}[$__rate_interval])) * 60`,
        },
        unit: 'short',
        isStacked: true,
        alert: 'SluiceKillBudgetExhausted',
      }),
      curves({
        title: 'Unknown, by target',
        description: 'Operations of the last day whose outcome is unknown.',
        queries: { '{{target}}': `max by (target) (sluice_operations_unsettled{${chosen}})` },
        unit: 'short',
        alert: 'SluiceOperationsUnsettled',
      }),
      curves({
        title: 'Oldest notification, by receiver',
        description: 'For how long it has been waiting. Bad above 15 minutes.',
        queries: {
          '{{receiver}}': `max by (receiver) (sluice_notifications_oldest_seconds{${replicas}})`,
        },
        unit: 's',
        alert: 'SluiceNotificationsUndelivered',
      }),
      curves({
        title: 'What came of notifications',
        description: 'In a minute: sent, tries that failed, given up.',
        queries: {
          '{{receiver}} {{outcome}}': `sum by (receiver, outcome) (rate(sluice_notifications_total{${replicas}}[$__rate_interval])) * 60`,
        },
        unit: 'short',
      }),
    ],
  },
});
