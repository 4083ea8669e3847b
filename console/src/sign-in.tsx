import { useState, type SyntheticEvent } from 'react';
import { ProblemBox, Tick } from './parts.tsx';
import { clientFor, signIn, useSession, type Credential } from './session.ts';

/** Asks who comes, and lets in only whom Sluice knows. */
export function SignIn() {
  const { ended } = useSession();
  const [kind, setKind] = useState<Credential['kind']>('key');
  const [value, setValue] = useState('');
  const [isKept, setKept] = useState(false);
  const [isAsking, setAsking] = useState(false);
  const [error, setError] = useState<unknown>(null);

  const submit = async (event: SyntheticEvent) => {
    event.preventDefault();
    const credential = { kind, value: value.trim() };
    setAsking(true);
    setError(null);
    try {
      await clientFor(credential).targets();
      signIn(credential, isKept);
    } catch (thrown) {
      setError(thrown);
      setAsking(false);
    }
  };

  return (
    <main className="sign-in">
      <form onSubmit={(event) => void submit(event)}>
        <h1>Sluice</h1>
        <p>Look at sessions, end the right ones, and know what came of it.</p>
        {ended !== null && error === null && (
          <p className="banner tone-partial" role="status">
            {ended}
          </p>
        )}
        {error !== null && <ProblemBox error={error} />}
        <fieldset className="choice">
          <legend>Sign in by</legend>
          {(['key', 'token'] as const).map((one) => (
            <label key={one}>
              <input
                type="radio"
                name="kind"
                checked={kind === one}
                onChange={() => {
                  setKind(one);
                }}
              />
              {one === 'key' ? 'API key' : 'Token'}
            </label>
          ))}
        </fieldset>
        <label className="field">
          {kind === 'key' ? 'API key' : 'Token'}
          <input
            type="password"
            autoComplete="off"
            spellCheck={false}
            required
            value={value}
            onChange={(event) => {
              setValue(event.target.value);
            }}
          />
        </label>
        <Tick label="Keep it for this tab" isShown checked={isKept} onChange={setKept}>
          Keep it for this tab, so that a reload does not ask again
        </Tick>
        <button type="submit" className="primary" disabled={isAsking || value.trim() === ''}>
          {isAsking ? 'Signing in…' : 'Sign in'}
        </button>
      </form>
    </main>
  );
}
