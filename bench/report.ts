import { availableParallelism } from 'node:os';
import Table from 'cli-table3';
import { isMissed, type Figure, type Measured } from './part.js';

/** `sizes`: by part. */
export type Report = Omit<Measured, 'sizes'> & { readonly sizes: Readonly<Record<string, Measured['sizes']>> };

/** Figures by their key; `missed` names those that are out of their budget. */
export function jsonOf({ figures, floors, sizes }: Report): string {
  const values = Object.fromEntries(
    figures.map(({ key, value }) => [key, value === null ? null : Number(value.toPrecision(4))]),
  );
  const missed = figures.filter(isMissed).map(({ key }) => key);
  return `${JSON.stringify({ ...values, floors, missed, sizes, machine: machine() }, null, 2)}\n`;
}

export function tableOf({ figures, floors, sizes }: Report): string {
  const table = new Table({
    head: ['figure', 'value', 'budget', '', 'what'],
    colAligns: ['left', 'right', 'left', 'left', 'left'],
    style: { head: [], border: [], compact: true },
  });
  table.push(...figures.map((it) => [it.key, valueOf(it), budgetOf(it), verdictOf(it), it.what]));
  const { cores, node } = machine();
  return [
    table.toString(),
    `floors: ${Object.entries(floors)
      .map(([name, ms]) => `${name} ${ms === null ? '-' : ms.toFixed(1)}`)
      .join(', ')}`,
    ...Object.entries(sizes).map(([part, size]) => `${part}: ${sizeOf(size)}`),
    `${cores} cores, Node ${node}`,
    '',
  ].join('\n');
}

const sizeOf = (size: Measured['sizes']): string =>
  Object.entries(size)
    .map(([name, count]) => `${count} ${name}`)
    .join(', ');

const machine = () => ({ cores: availableParallelism(), node: process.versions.node });

function valueOf({ value, unit }: Figure): string {
  if (value === null) return '-';
  const digits = unit === 'ratio' || (value < 100 && !Number.isInteger(value)) ? value.toFixed(2) : value.toFixed(0);
  return unit === 'ratio' || unit === 'count' ? digits : `${digits} ${unit}`;
}

function budgetOf({ budget }: Figure): string {
  if (budget === undefined) return '';
  return 'atLeast' in budget ? `≥ ${budget.atLeast}` : `≤ ${budget.atMost}`;
}

function verdictOf(figure: Figure): string {
  if (figure.budget === undefined) return '';
  if (figure.value === null) return 'unknown';
  return isMissed(figure) ? 'missed' : 'kept';
}
