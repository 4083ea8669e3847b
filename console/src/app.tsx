import { useEffect, useState, type ReactNode } from 'react';
import { HistoryPage } from './history.tsx';
import { keyWords, useKeys } from './keys.ts';
import { OperationPage } from './operation.tsx';
import { Modal } from './parts.tsx';
import { PreviewPage } from './preview.tsx';
import { hrefOf, useRoute } from './route.ts';
import { signOut, useMe, useSession } from './session.ts';
import { SessionsPage } from './sessions.tsx';
import { SignIn } from './sign-in.tsx';
import { useWaitingCount, WaitingPage } from './waiting.tsx';

/** The console: who signed in sees the page that the address names. */
export function App() {
  const { sluice } = useSession();
  const { path, query } = useRoute();
  const [isHelp, setHelp] = useState(false);
  useKeys({
    '?': () => {
      setHelp(true);
    },
  });
  const [page, id] = path.split('/');
  useEffect(() => {
    document.title = `${titles[page ?? ''] ?? 'Sessions'} · Sluice`;
  }, [page]);
  if (!sluice) return <SignIn />;
  const pages: Readonly<Record<string, ReactNode>> = {
    preview: <PreviewPage query={query} />,
    waiting: <WaitingPage />,
    operations: id === undefined ? <HistoryPage query={query} /> : <OperationPage id={decodeURIComponent(id)} />,
  };
  return (
    <>
      <a
        className="skip"
        href="#main"
        onClick={(event) => {
          event.preventDefault();
          document.getElementById('main')?.focus();
        }}
      >
        To the content
      </a>
      <Header
        page={page ?? ''}
        onHelp={() => {
          setHelp(true);
        }}
      />
      <main id="main" tabIndex={-1}>
        {pages[page ?? ''] ?? <SessionsPage query={query} />}
      </main>
      <Modal
        title="Keys"
        isOpen={isHelp}
        onClose={() => {
          setHelp(false);
        }}
      >
        <p>No key ends anything.</p>
        <dl className="keys">
          {keyWords.map(([key, words]) => (
            <div key={key}>
              <dt>
                <kbd>{key}</kbd>
              </dt>
              <dd>{words}</dd>
            </div>
          ))}
        </dl>
      </Modal>
    </>
  );
}

const titles: Readonly<Record<string, string>> = {
  preview: 'Preview',
  operations: 'History',
  waiting: 'Waiting for you',
};

function Header({ page, onHelp }: { readonly page: string; readonly onHelp: () => void }) {
  const me = useMe();
  const roles = [...new Set((me?.grants ?? []).flatMap(({ role, actions = [] }) => [role ?? [], actions].flat()))].join(
    ', ',
  );
  const waiting = useWaitingCount();
  const link = (to: string, words: string, count = 0) => (
    <a href={hrefOf(to)} {...(page === to ? { 'aria-current': 'page' as const } : {})}>
      {words}
      {count > 0 && <span className="count"> {count}</span>}
    </a>
  );
  return (
    <header>
      <a className="brand" href={hrefOf('sessions')}>
        Sluice
      </a>
      <nav aria-label="Pages">
        {link('sessions', 'Sessions')}
        {link('operations', 'History')}
        {link('waiting', 'Waiting for you', waiting)}
      </nav>
      <div className="who">
        {me && (
          <span title={`Your roles: ${roles}`}>
            {me.name}
            {roles === '' ? '' : <span className="quiet"> {roles}</span>}
          </span>
        )}
        <button type="button" className="small" onClick={onHelp}>
          Keys
        </button>
        <button
          type="button"
          className="small"
          onClick={() => {
            signOut();
          }}
        >
          Sign out
        </button>
      </div>
    </header>
  );
}
