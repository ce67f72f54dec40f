/** What the pages do in the browser, served as it stands. Everything but charts and live numbers works without it. */
export const CLIENT_SCRIPT = String.raw`(() => {
  'use strict';
})();
`;
