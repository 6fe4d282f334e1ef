import { FieldType, formattedValueToString, getFieldDisplayName } from '@grafana/data';
import { TableNG } from '@grafana/ui/unstable';
import { Empty } from '../empty.jsx';

export function Tables({ id, data, fieldConfig, options, timeRange, width, height }) {
  const frame = data.series[0];
  const rows = frame?.length ?? 0;
  window.looked.see(id, { drawn: 'grafana', columns: frame ? columns(frame, data.series) : [], rows });
  if (!frame?.fields.length || !rows) {
    return <Empty text={fieldConfig.defaults.noValue} />;
  }
  return (
    <TableNG
      data={frame}
      width={width}
      height={height}
      noHeader={!options.showHeader}
      cellHeight={options.cellHeight}
      sortBy={options.sortBy}
      noValue={fieldConfig.defaults.noValue}
      structureRev={data.structureRev}
      timeRange={timeRange}
      fieldConfig={fieldConfig}
    />
  );
}

function columns(frame, frames) {
  const shown = frame.fields.filter(({ config }) => !config.custom?.hideFrom?.viz);
  return shown.map((field) => ({
    name: getFieldDisplayName(field, frame, frames),
    number: field.type === FieldType.number,
    coloured: field.config.custom?.cellOptions?.type === 'color-background',
    cells: Array.from(field.values, (value, index) => {
      const display = field.display(value);
      const links = field.getLinks?.({ valueRowIndex: index }) ?? [];
      return { text: formattedValueToString(display), color: display.color, links: links.map(({ href }) => href) };
    }),
  }));
}
