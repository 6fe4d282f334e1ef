// What is seen on the page, for tests: of each panel its title, its state, and its figures as texts with colours.

import { sceneGraph, VizPanel } from '@grafana/scenes';

export class Looked {
  #scene;
  #panels = new Map();

  constructor(scene) {
    this.#scene = scene;
  }

  // Called by each panel as it is drawn.
  see(id, figures) {
    this.#panels.set(id, figures);
  }

  get panels() {
    const found = sceneGraph.findAllObjects(this.#scene, (each) => each instanceof VizPanel);
    return Object.fromEntries(found.map((panel) => [panel.getLegacyPanelId(), this.#panel(panel)]));
  }

  #panel(panel) {
    const { data } = sceneGraph.getData(panel).state;
    return {
      title: panel.interpolate(panel.state.title, undefined, 'text'),
      kind: panel.state.pluginId,
      state: data?.state ?? 'NotStarted',
      errors: (data?.errors ?? []).map(({ message }) => message),
      ...this.#panels.get(panel.getLegacyPanelId()),
    };
  }

  get variables() {
    const { variables } = this.#scene.state.$variables.state;
    return Object.fromEntries(
      variables.map(({ state }) => [
        state.name,
        { value: state.value, options: state.options.map(({ value }) => value), loading: Boolean(state.loading), error: state.error },
      ])
    );
  }

  // Nothing is asked for any more, and every panel on the page has been drawn with what came.
  get settled() {
    const panels = Object.entries(this.panels).filter(([id]) => document.querySelector(`[data-viz-panel-key="panel-${id}"]`));
    const asked = Object.values(this.variables).every(({ loading }) => !loading);
    return asked && panels.length > 0 && panels.every(([, { state, drawn }]) => (state === 'Done' && drawn) || state === 'Error');
  }
}
