import { FieldType, formattedValueToString, getFieldDisplayName, getValueFormat } from '@grafana/data';
import { Empty } from '../empty.jsx';
import { FOOT, Preview, TimeAxis } from './preview.jsx';

const AXIS = 60;

export function Heatmap({ id, data, fieldConfig, options, timeRange, timeZone, width, height }) {
  const rows = data.series.filter(({ length }) => length > 0).map((frame) => rowOf(frame, data.series));
  const most = Math.max(0, ...rows.flatMap(({ points }) => points.map(([, value]) => value)));
  const unit = getValueFormat(options.yAxis?.unit);
  const told = (edge) => (Number.isFinite(Number(edge)) ? formattedValueToString(unit(Number(edge))) : edge);
  window.looked.see(id, { drawn: 'preview', rows: rows.map(({ name, points }) => ({ name, text: told(name), total: points.reduce((sum, [, value]) => sum + value, 0) })) });
  if (!most) {
    return <Empty text={fieldConfig.defaults.noValue} />;
  }
  const each = (height - FOOT) / rows.length;
  const across = (width - AXIS) / (timeRange.to.valueOf() - timeRange.from.valueOf());
  const every = Math.ceil(14 / each);
  return (
    <Preview width={width} height={height}>
      {rows.map(({ name, points, step }, index) => {
        const y = height - FOOT - (index + 1) * each;
        return (
          <g key={name}>
            {points.filter(([, value]) => value > 0).map(([time, value]) => (
              <rect key={time} x={AXIS + (time - timeRange.from.valueOf()) * across} width={step * across} y={y} height={each - 0.5} fill="#5794f2" fillOpacity={Math.max(0.06, Math.sqrt(value / most))} />
            ))}
            {index % every === 0 && (
              <text x={AXIS - 6} y={y + 8} textAnchor="end">
                {told(name)}
              </text>
            )}
          </g>
        );
      })}
      <TimeAxis timeRange={timeRange} timeZone={timeZone} left={AXIS} width={width - AXIS} y={height - 4} />
    </Preview>
  );
}

function rowOf(frame, frames) {
  const [times, values] = frame.fields;
  const points = Array.from(times.values, (time, index) => [time, values.values[index]]);
  return { name: getFieldDisplayName(values, frame, frames), step: times.config.interval ?? 60_000, points };
}
