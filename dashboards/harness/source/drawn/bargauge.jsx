import { getDisplayValueAlignmentFactors, VizOrientation } from '@grafana/data';
import { BarGauge, useTheme2, VizRepeater } from '@grafana/ui';
import { figures } from './stat.jsx';

export function BarGauges({ id, data, fieldConfig, options, replaceVariables, timeZone, width, height, renderCounter }) {
  const theme = useTheme2();
  const values = figures(id, { data, fieldConfig, options, replaceVariables, theme, timeZone });
  const { displayMode, maxVizHeight, minVizHeight, minVizWidth, namePlacement, orientation, showUnfilled, sizing, valueMode } = options;
  const manual = sizing === 'manual';
  return (
    <VizRepeater
      getValues={() => values}
      getAlignmentFactors={(all) => getDisplayValueAlignmentFactors(all, orientation)}
      renderValue={({ value, alignmentFactors, orientation: direction, count, ...size }) => (
        <BarGauge
          value={value.display}
          field={value.field}
          display={value.view?.getFieldDisplayProcessor(value.colIndex)}
          orientation={direction}
          text={options.text}
          theme={theme}
          itemSpacing={10}
          displayMode={displayMode}
          alignmentFactors={count > 1 ? alignmentFactors : undefined}
          showUnfilled={showUnfilled}
          valueDisplayMode={valueMode}
          namePlacement={namePlacement}
          isOverflow={false}
          width={size.width}
          height={size.height}
        />
      )}
      width={width}
      height={height}
      source={data}
      itemSpacing={10}
      renderCounter={renderCounter}
      orientation={orientation}
      minVizWidth={manual ? minVizWidth : 8}
      minVizHeight={manual ? minVizHeight : 16}
      maxVizHeight={orientation === VizOrientation.Horizontal ? (manual ? maxVizHeight : 300) : undefined}
    />
  );
}
