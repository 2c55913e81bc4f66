// Figures as people read them, in the browser's own language.
const MISSING = "–";
const whole = new Intl.NumberFormat();
const share = new Intl.NumberFormat(undefined, { style: "percent", maximumFractionDigits: 1 });
const signed = new Intl.NumberFormat(undefined, { maximumFractionDigits: 0, signDisplay: "exceptZero" });
const days = new Intl.NumberFormat(undefined, { maximumFractionDigits: 1 });

function money(minor, currency) {
  if (!currency) return whole.format(minor / 100);
  const format = new Intl.NumberFormat(undefined, { style: "currency", currency, notation: "compact", maximumFractionDigits: 2 });
  return format.format(minor / 10 ** minorDigits(currency));
}

function minorDigits(currency) {
  return new Intl.NumberFormat("en", { style: "currency", currency }).resolvedOptions().maximumFractionDigits;
}

function length(seconds) {
  const all = Math.round(seconds), hours = Math.floor(all / 3600);
  const two = (number) => String(number).padStart(2, "0");
  const rest = `${two(Math.floor((all % 3600) / 60))}:${two(all % 60)}`;
  return hours ? `${hours}:${rest}` : rest;
}

// A KPI's value with its unit; what cannot be computed, or has no data yet, is a dash.
export function say(value, unit, currency) {
  if (value === null || value === undefined) return MISSING;
  switch (unit) {
    case "ratio": return share.format(value);
    case "seconds": return length(value);
    case "days": return `${days.format(value)} d`;
    case "minor": return money(value, currency);
    case "minor_per_day": return `${money(value, currency)}/d`;
    case "points": return signed.format(value);
    default: return whole.format(value);
  }
}
