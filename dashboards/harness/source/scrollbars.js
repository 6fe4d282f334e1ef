// See build.mjs.
import * as all from 'react-custom-scrollbars-2/lib/index.js';

export const Scrollbars = all.Scrollbars ?? all.default?.Scrollbars ?? all.default;
export default Scrollbars;
