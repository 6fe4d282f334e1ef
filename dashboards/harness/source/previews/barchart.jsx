import { FieldType, formattedValueToString, getFieldDisplayName, getFieldSeriesColor } from '@grafana/data';
import { useTheme2 } from '@grafana/ui';
import { Empty } from '../empty.jsx';
import { fitting, FOOT, Preview } from './preview.jsx';

const LABELS = 60;
const AXIS = 45;

export function BarChart({ id, data, fieldConfig, options, width, height }) {
  const theme = useTheme2();
  const frame = data.series[0];
  const along = frame?.fields.find((field) => getFieldDisplayName(field, frame) === options.xField);
  const bars = frame?.fields.filter((field) => field.type === FieldType.number && field !== along).map((field) => barsOf(field, frame, theme));
  const names = along ? Array.from(along.values, String) : [];
  window.looked.see(id, { drawn: 'preview', along: names, bars: bars ?? [] });
  if (!names.length || !bars.length) {
    return <Empty text={fieldConfig.defaults.noValue} />;
  }
  const high = height - LABELS - 2 * FOOT;
  const most = Math.max(...bars.flatMap(({ values }) => values.map((value) => value ?? 0))) || 1;
  const group = (width - AXIS) / names.length;
  const one = (group * (options.groupWidth ?? 0.8)) / bars.length;
  return (
    <Preview width={width} height={height}>
      {[0, 0.5, 1].map((part) => (
        <text key={part} x={AXIS - 6} y={FOOT + high * (1 - part)} textAnchor="end" fillOpacity={0.7}>
          {bars[0].told(part * most)}
        </text>
      ))}
      {names.map((name, at) => (
        <g key={name}>
          {bars.map(({ name: of, values, color, told }, index) => (
            <rect key={of} x={AXIS + at * group + index * one} width={one * 0.9} y={FOOT + high * (1 - (values[at] ?? 0) / most)} height={(high * (values[at] ?? 0)) / most} fill={color} fillOpacity={0.8}>
              <title>{`${name}, ${of}: ${told(values[at])}`}</title>
            </rect>
          ))}
          <text transform={`translate(${AXIS + (at + 0.5) * group}, ${FOOT + high + 10}) rotate(-45)`} textAnchor="end">
            {fitting(name, LABELS * 1.3)}
          </text>
        </g>
      ))}
      {bars.map(({ name, color }, index) => (
        <g key={name} transform={`translate(${8 + index * 110}, ${height - 12})`}>
          <rect width={12} height={4} y={2} fill={color} />
          <text x={16} y={8}>
            {name}
          </text>
        </g>
      ))}
    </Preview>
  );
}

function barsOf(field, frame, theme) {
  const told = (value) => formattedValueToString(field.display(value));
  const values = Array.from(field.values);
  return { name: getFieldDisplayName(field, frame), values, texts: values.map(told), told, color: getFieldSeriesColor(field, theme).color };
}
