import { FieldType, formattedValueToString, getDisplayValueAlignmentFactors, getFieldDisplayValues } from '@grafana/data';
import { BigValue, useTheme2, VizRepeater } from '@grafana/ui';

export function Stats({ id, data, fieldConfig, options, replaceVariables, timeZone, width, height, renderCounter }) {
  const theme = useTheme2();
  const values = figures(id, { data, fieldConfig, options, replaceVariables, theme, timeZone });
  return (
    <VizRepeater
      getValues={() => values}
      getAlignmentFactors={getDisplayValueAlignmentFactors}
      renderValue={({ value, alignmentFactors, count, ...size }) => (
        <BigValue
          value={value.display}
          sparkline={value.sparkline}
          count={count}
          colorMode={options.colorMode}
          graphMode={options.graphMode}
          justifyMode={options.justifyMode}
          textMode={options.textMode}
          alignmentFactors={alignmentFactors}
          text={options.text}
          disableWideLayout={!options.wideLayout}
          theme={theme}
          width={size.width}
          height={size.height}
        />
      )}
      width={width}
      height={height}
      source={data}
      itemSpacing={3}
      renderCounter={renderCounter}
      autoGrid
      orientation={options.orientation}
    />
  );
}

// Grafana's reduction and formatting; what is shown of it is kept for tests.
export function figures(id, { data, fieldConfig, options, replaceVariables, theme, timeZone }) {
  const { reduceOptions } = options;
  const sparkline = options.graphMode !== undefined && options.graphMode !== 'none';
  const found = getFieldDisplayValues({ data: data.series, fieldConfig, reduceOptions, replaceVariables, theme, timeZone, sparkline });
  window.looked.see(id, {
    drawn: 'grafana',
    figures: found.map(({ display }) => ({
      name: display.title ?? '',
      text: formattedValueToString(display),
      color: display.color,
      value: display.numeric,
    })),
    frames: data.series.filter(({ fields }) => fields.some(({ type }) => type === FieldType.number)).length,
  });
  return found;
}
