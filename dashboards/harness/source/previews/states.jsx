import { FieldType, formattedValueToString, getFieldDisplayName } from '@grafana/data';
import { useTheme2 } from '@grafana/ui';
import { Empty } from '../empty.jsx';
import { fitting, FOOT, Preview, TimeAxis } from './preview.jsx';

export function StateTimeline(properties) {
  return <States {...properties} spans={merged} />;
}

export function StatusHistory(properties) {
  return <States {...properties} spans={(points) => points} />;
}

function States({ id, data, fieldConfig, options, timeRange, timeZone, width, height, spans }) {
  const theme = useTheme2();
  const rows = data.series.filter(({ length }) => length > 0).map((frame) => rowOf(frame, data.series, timeRange, spans));
  window.looked.see(id, { drawn: 'preview', rows });
  if (!rows.length) {
    return <Empty text={fieldConfig.defaults.noValue} />;
  }
  const left = Math.min(width / 3, 12 + 6.2 * Math.max(...rows.map(({ name }) => name.length)));
  const each = (height - FOOT) / rows.length;
  const across = (width - left) / (timeRange.to.valueOf() - timeRange.from.valueOf());
  const x = (time) => left + (time - timeRange.from.valueOf()) * across;
  return (
    <Preview width={width} height={height}>
      {rows.map(({ name, states }, row) => (
        <g key={name}>
          <text x={left - 6} y={(row + 0.5) * each + 4} textAnchor="end">
            {fitting(name, left - 8)}
          </text>
          {states.map(({ from, to, text, color }) => (
            <g key={from}>
              <rect x={x(from)} width={Math.max(0.5, x(to) - x(from))} y={row * each + 1} height={Math.max(1, each * (options.rowHeight ?? 0.9) - 1)} fill={color} fillOpacity={0.8}>
                <title>{`${name}: ${text}`}</title>
              </rect>
              {options.showValue !== 'never' && each > 12 && (
                <text x={x(from) + 4} y={(row + 0.5) * each + 3} fill={theme.colors.getContrastText(color)}>
                  {fitting(text, x(to) - x(from) - 6)}
                </text>
              )}
            </g>
          ))}
        </g>
      ))}
      <TimeAxis timeRange={timeRange} timeZone={timeZone} left={left} width={width - left} y={height - 4} />
    </Preview>
  );
}

function rowOf(frame, frames, timeRange, spans) {
  const times = frame.fields.find(({ type }) => type === FieldType.time).values;
  const field = frame.fields.find(({ type }) => type === FieldType.number);
  const step = frame.fields[0].config.interval ?? 60_000;
  const points = times.map((from, index) => {
    const { color, ...display } = field.display(field.values[index]);
    return { from, to: Math.min(from + step, timeRange.to.valueOf()), text: formattedValueToString(display), color };
  });
  return { name: getFieldDisplayName(field, frame, frames), states: spans(points, step) };
}

function merged(points, step) {
  const found = [];
  for (const { from, to, text, color } of points) {
    const last = found.at(-1);
    if (last?.text === text && from - last.to < step / 2) {
      last.to = to;
    } else {
      found.push({ from, to, text, color });
    }
  }
  return found;
}
