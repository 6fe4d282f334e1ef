import { useTheme2 } from '@grafana/ui';

// In place of what a panel shows when nothing came.
export function Empty({ text = 'No data' }) {
  const theme = useTheme2();
  const style = { height: '100%', display: 'grid', placeItems: 'center', color: theme.colors.text.secondary };
  return <div style={style}>{text}</div>;
}
