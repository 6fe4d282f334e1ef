// What the libraries expect of the Grafana around them: services and registries. Transformations and the processing of
// standard properties are Grafana's own; the rest are stand-ins that do as little as the page needs.

import {
  booleanOverrideProcessor,
  createTheme,
  dataLinksOverrideProcessor,
  displayNameOverrideProcessor,
  EventBusSrv,
  identityOverrideProcessor,
  LoadingState,
  numberOverrideProcessor,
  standardEditorsRegistry,
  standardFieldConfigEditorRegistry,
  standardTransformers,
  standardTransformersRegistry,
  stringOverrideProcessor,
  thresholdsOverrideProcessor,
  toDataFrame,
  unitOverrideProcessor,
  valueMappingsOverrideProcessor,
} from '@grafana/data';
import { initPluginTranslations } from '@grafana/i18n';
import {
  config,
  setAppEvents,
  setDataSourceSrv,
  setEchoSrv,
  setPluginImportUtils,
  setRunRequest,
  setTemplateSrv,
} from '@grafana/runtime';
import { from, map, of, startWith, catchError } from 'rxjs';

const PROPERTIES = {
  color: identityOverrideProcessor,
  decimals: numberOverrideProcessor,
  description: stringOverrideProcessor,
  displayName: displayNameOverrideProcessor,
  fieldMinMax: booleanOverrideProcessor,
  filterable: booleanOverrideProcessor,
  links: dataLinksOverrideProcessor,
  mappings: valueMappingsOverrideProcessor,
  max: numberOverrideProcessor,
  min: numberOverrideProcessor,
  noValue: stringOverrideProcessor,
  thresholds: thresholdsOverrideProcessor,
  unit: unitOverrideProcessor,
};

export const theme = createTheme({ colors: { mode: window.grafanaBootData.user.theme } });

export async function prepare(source, plugin) {
  config.theme2 = theme;
  await initPluginTranslations('driftbell');
  standardEditorsRegistry.setInit(() => []);
  standardFieldConfigEditorRegistry.setInit(() =>
    Object.entries(PROPERTIES).map(([id, process]) => ({
      id,
      path: id,
      name: id,
      description: '',
      editor: () => null,
      override: () => null,
      process,
      shouldApply: () => true,
      settings: {},
    }))
  );
  // Some are there under two names.
  const transformers = new Map(Object.values(standardTransformers).map((each) => [each.id, each]));
  standardTransformersRegistry.setInit(() =>
    [...transformers.values()].map((transformation) => ({
      id: transformation.id,
      name: transformation.name,
      transformation,
      editor: () => null,
    }))
  );
  const settings = source.instanceSettings;
  setDataSourceSrv({
    get: async () => source,
    getList: () => [settings],
    getInstanceSettings: () => settings,
    reload: () => undefined,
    registerRuntimeDataSource: () => undefined,
  });
  setRunRequest(run);
  setTemplateSrv({ replace: (text) => text ?? '', getVariables: () => [], containsTemplate: () => false, updateTimeRange: () => undefined });
  setAppEvents(new EventBusSrv());
  setEchoSrv({ addEvent: () => undefined, addBackend: () => undefined, flush: () => undefined });
  setPluginImportUtils({ importPanelPlugin: async (id) => plugin(id), getPanelPluginFromCache: plugin });
}

function run(source, request) {
  const known = { request, timeRange: request.range };
  return from(source.query(request)).pipe(
    map(({ data }) => ({ ...known, state: LoadingState.Done, series: data.map(toDataFrame) })),
    catchError((error) => {
      const said = { message: String(error.message ?? error) };
      return of({ ...known, state: LoadingState.Error, series: [], error: said, errors: [said] });
    }),
    startWith({ ...known, state: LoadingState.Loading, series: [] })
  );
}
