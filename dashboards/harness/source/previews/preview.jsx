import { dateTimeFormat } from '@grafana/data';
import { useTheme2 } from '@grafana/ui';

export const FOOT = 16;

// Nobody shall take it for what Grafana draws.
export function Preview({ width, height, children }) {
  const theme = useTheme2();
  const note = { position: 'absolute', right: 4, bottom: 0, fontSize: 10, color: theme.colors.text.secondary };
  return (
    <div style={{ position: 'relative', width, height }}>
      <svg width={width} height={height} role="img" fontFamily={theme.typography.fontFamily} fontSize={11} fill={theme.colors.text.primary}>
        {children}
      </svg>
      <div style={note}>preview, not Grafana’s panel</div>
    </div>
  );
}

export function TimeAxis({ timeRange, timeZone, left, width, y }) {
  const [from, to] = [timeRange.from.valueOf(), timeRange.to.valueOf()];
  // On the right there is the note.
  const count = Math.max(1, Math.floor((width - 150) / 90));
  return Array.from({ length: count }, (_, index) => {
    const part = (index / count) * (1 - 150 / width);
    const time = dateTimeFormat(from + part * (to - from), { timeZone, format: 'DD HH:mm' });
    return (
      <text key={index} x={left + part * width} y={y} fillOpacity={0.7}>
        {time}
      </text>
    );
  });
}

// As much of a text as goes into so many pixels.
export function fitting(text, pixels) {
  const most = Math.floor(pixels / 6.2);
  return text.length <= most ? text : most < 2 ? '' : `${text.slice(0, most - 1)}…`;
}
