// What a Grafana server writes into its page. To be imported first: the libraries read it when they are loaded.

window.__grafana_public_path__ = '/public/';
window.grafanaBootData = {
  settings: { featureToggles: {}, buildInfo: { version: '13.0.1', edition: 'Open Source' }, datasources: {}, panels: {} },
  user: { theme: new URLSearchParams(window.location.search).get('theme') ?? 'dark', timezone: 'utc', locale: 'en-GB' },
  navTree: [],
};
