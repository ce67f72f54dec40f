/** They do nothing but tell that their turn came. */
export const bareActivities = (say: (name: string) => void) => {
  const told = (name: string) => (id: string) => {
    say(`${name} ${id}`);
    return Promise.resolve();
  };
  return { first: told('first'), second: told('second') };
};
