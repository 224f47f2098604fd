  /**
   * What is stored for a value under the type that a script named: { v, t, warning? }. The host has the same rules for
   * its API (property-value.ts); one table of cases holds both to each other.
   */
  const coerceProperty = (value, wanted) => {
    if (typeof value === "object") return { v: value, t: "json" };
    const inferred = () => {
      if (typeof value === "boolean") return { v: value, t: "boolean" };
      if (typeof value === "number") return { v: value, t: integral(value) ? "integer" : "float" };
      return { v: value, t: value.length <= 255 ? "string" : "text" };
    };
    const keptAs = (what) => {
      const kept = inferred();
      return { v: kept.v, t: kept.t, warning: `the value is no ${what} and is kept as it is` };
    };
    const numeric = (type) => {
      const words = typeof value === "string" ? trim(value) : "";
      const number = typeof value === "number" ? value : matches(NUMBER, words) ? Num(words) : NaN;
      const losesDigits = typeof value === "string" && type !== "float" && integral(number) && !whole(number);
      if (!finite(number) || losesDigits) return keptAs(type);
      if (type === "integer" && !integral(number)) return { v: number, t: "float", warning: "the value has a fraction and is kept as a float" };
      return { v: number, t: type === "float" || !integral(number) ? "float" : "integer" };
    };
    const datetime = () => {
      const ms = typeof value === "number" ? value : typeof value === "string" ? dateOf(trim(value)) : NaN;
      return ms <= 8.64e15 && ms >= -8.64e15 ? { v: isoText(new Time(ms)), t: "datetime" } : keptAs("datetime");
    };
    switch (typeof wanted === "string" ? lower(trim(wanted)) : "") {
      case "integer":
        return numeric("integer");
      case "float":
        return numeric("float");
      case "number":
        return numeric("number");
      case "boolean": {
        const words = typeof value === "string" ? lower(trim(value)) : "";
        return { v: typeof value === "string" ? words !== "" && words !== "0" && words !== "false" : !!value, t: "boolean" };
      }
      case "string":
        return { v: text(value), t: "string" };
      case "text":
        return { v: text(value), t: "text" };
      case "json":
      case "object":
        return { v: value, t: "json" };
      case "datetime":
        return datetime();
      default:
        return inferred();
    }
  };
  const NUMBER = /^[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?$/;
  const ISO_DATE = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?) ?(Z|[+-]\d{2}:?\d{2})?)?$/i;
  /** Milliseconds since 1970; a text without a zone is UTC. */
  const dateOf = (words) => {
    const iso = exec(ISO_DATE, words);
    if (iso) return dateParse(iso[2] ? `${iso[1]}T${iso[2]}${upper(iso[3] ?? "Z")}` : iso[1]);
    return indexOf(words, "GMT") >= 0 ? dateParse(words) : NaN;
  };
