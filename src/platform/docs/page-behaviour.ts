// These functions are written into the page as they stand: nothing outside of them is known there.

interface Sent {
  readonly url: string;
  readonly method?: string;
  readonly body?: unknown;
}

declare const confirm: (question: string) => boolean;
declare const document: {
  createElement(name: 'meta'): { name: string; content: string };
  readonly head: { append(element: object): void };
};

/** Asks before anything is sent that is not a look or a dry run. */
export const askBeforeSending = (request: Sent): Sent => {
  const isRead = !request.method || /^(?:GET|HEAD)$/i.test(request.method);
  const isDry = /[?&]dryRun=true(?:&|$)/.test(request.url) || /"dryRun"\s*:\s*true/.test(String(request.body));
  if (isRead || isDry) return request;
  const question = 'This is no dry run: it changes what runs on the target. Send it?';
  if (!confirm(question)) throw new Error('Not sent: nothing was done.');
  return request;
};

/** Phones show the page as wide as they are. */
export const fitPhones = (): void => {
  const meta = document.createElement('meta');
  meta.name = 'viewport';
  meta.content = 'width=device-width, initial-scale=1';
  document.head.append(meta);
};

interface CurlProps {
  readonly request: {
    hasIn(path: readonly string[]): boolean;
    setIn(path: readonly string[], value: string): CurlProps['request'];
  };
}

type Component = (props: CurlProps) => unknown;

interface System {
  readonly React: { createElement(component: Component, props: CurlProps): unknown };
}

/** Shows the call for curl without the key or the token: what is on a screen is soon in a chat. */
export const hideCredentials = (): object => ({
  wrapComponents: {
    curl:
      (shown: Component, { React }: System) =>
      (props: CurlProps) => {
        let request = props.request;
        if (request.hasIn(['headers', 'X-API-Key'])) request = request.setIn(['headers', 'X-API-Key'], '$SLUICE_KEY');
        if (request.hasIn(['headers', 'Authorization'])) {
          request = request.setIn(['headers', 'Authorization'], 'Bearer $SLUICE_TOKEN');
        }
        return React.createElement(shown, { ...props, request });
      },
  },
});
