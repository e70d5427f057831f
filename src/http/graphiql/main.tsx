// oxlint-disable import/no-unassigned-import -- stylesheets, and the editor's set-up

// First: it tells the editor where its workers are before anything loads the editor.
import 'graphiql/setup-workers/vite';

import 'graphiql/style.css';
import '@graphiql/plugin-explorer/style.css';

import { explorerPlugin } from '@graphiql/plugin-explorer';
import { createGraphiQLFetcher } from '@graphiql/toolkit';
import { GraphiQL } from 'graphiql';
import { createRoot } from 'react-dom/client';
import { Brand } from './brand.tsx';
import { EXAMPLES } from './examples.ts';

const endpoint = new URL('graphql', window.location.href);

const fetcher = createGraphiQLFetcher({
  url: endpoint.href,
  // With an address rather than a client, each subscription connects with the headers that its tab
  // has at that moment: a token typed there counts for subscriptions as well.
  subscriptionUrl: endpoint.href.replace(/^http/, 'ws'),
});

const root = document.getElementById('root');
if (!root) throw new Error('The page has no #root');
createRoot(root).render(
  <GraphiQL
    fetcher={fetcher}
    // Without GraphiQL's history: it keeps the headers of every run in the browser's storage,
    // tokens among them, whatever shouldPersistHeaders says.
    plugins={[explorerPlugin()]}
    defaultTabs={EXAMPLES.map((query) => ({ query }))}
    // Tokens are typed into the headers: they must not outlive the page.
    shouldPersistHeaders={false}
    inputValueDeprecation
    schemaDescription
  >
    <GraphiQL.Logo>
      <Brand />
    </GraphiQL.Logo>
  </GraphiQL>,
);
