import './boot.js';
import { ThemeContext } from '@grafana/data';
import { GlobalStyles, PortalContainer } from '@grafana/ui';
import { createRoot } from 'react-dom/client';
import { BrowserRouter } from 'react-router-dom-v5-compat';
import { sceneOf } from './board.js';
import { prepare, theme } from './environment.js';
import { Looked } from './looked.js';
import { plugin } from './plugins.jsx';
import { Prometheus, seconds } from './prometheus.js';

const chosen = new URLSearchParams(window.location.search);

async function main() {
  await prepare(new Prometheus(seconds(chosen.get('scrape') ?? '15s')), plugin);
  const board = await (await fetch(`/boards/${chosen.get('board') ?? 'driftbell-overview'}.json`)).json();
  const scene = sceneOf(board, chosen);
  window.looked = new Looked(scene);
  document.title = board.title;
  createRoot(document.getElementById('page')).render(
    <BrowserRouter future={{ v7_startTransition: true, v7_relativeSplatPath: true }}>
      <ThemeContext.Provider value={theme}>
        <GlobalStyles />
        <scene.Component model={scene} />
        <PortalContainer />
      </ThemeContext.Provider>
    </BrowserRouter>
  );
}

main().catch((error) => {
  window.failure = String(error);
  document.getElementById('page').textContent = window.failure;
  throw error;
});
