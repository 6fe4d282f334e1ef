import { FieldType, formattedValueToString, getFieldDisplayName, getFieldSeriesColor, reduceField, ReducerID } from '@grafana/data';
import { TimeSeries, useTheme2 } from '@grafana/ui';
import { Empty } from '../empty.jsx';

export function Lines({ id, data, fieldConfig, options, timeRange, timeZone, width, height }) {
  const theme = useTheme2();
  const frames = data.series.filter(isLine);
  window.looked.see(id, { drawn: 'grafana', series: frames.map((frame) => seriesOf(frame, data.series, theme)) });
  if (!frames.length) {
    return <Empty text={fieldConfig.defaults.noValue} />;
  }
  return (
    <TimeSeries
      frames={frames}
      structureRev={data.structureRev}
      timeRange={timeRange}
      timeZone={timeZone}
      width={width}
      height={height}
      legend={options.legend}
      options={options}
    />
  );
}

function isLine({ fields, length }) {
  return length > 0 && fields.some(({ type }) => type === FieldType.time) && fields.some(({ type }) => type === FieldType.number);
}

function seriesOf(frame, frames, theme) {
  const field = frame.fields.find(({ type }) => type === FieldType.number);
  const { custom, thresholds, unit } = field.config;
  return {
    name: getFieldDisplayName(field, frame, frames),
    last: formattedValueToString(field.display(reduceField({ field, reducers: [ReducerID.lastNotNull] }).lastNotNull)),
    color: getFieldSeriesColor(field, theme).color,
    dashed: custom?.lineStyle?.fill === 'dash',
    inLegend: !custom?.hideFrom?.legend,
    limits: custom?.thresholdsStyle?.mode === 'off' ? [] : (thresholds?.steps ?? []).map(({ value }) => value).filter(Number.isFinite),
    points: frame.length,
    unit,
  };
}
