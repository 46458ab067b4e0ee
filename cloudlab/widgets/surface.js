// Shows what Python drew (the traits `html` and `panel`) and tells Python what people do.
// It knows nothing of clouds: what carries data-kind and data-id can be chosen and opened;
// what carries data-action sends that action with its data-value, or with what was typed.

const NODE = "[data-kind][data-id]";
const NEXT = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };
const TYPING_PAUSE_MS = 150;

const keyOf = ({ dataset }) =>
  [dataset.kind, dataset.id, dataset.action, dataset.value].join("/");

function render({ model, el }) {
  const surface = document.createElement("div");
  surface.className = "cloudlab cloudlab-surface";
  surface.dataset.lmSuppressShortcuts = "true"; // keys typed here are not the notebook's
  const parts = ["html", "panel"].map((trait) => {
    const part = document.createElement("div");
    part.className = `cloudlab-${trait}`;
    surface.append(part);
    return [trait, part];
  });
  el.append(surface);

  const nodes = () => [...surface.querySelectorAll(NODE)];
  const send = (action, value) => model.send({ action, value });
  const open = (node) => send("open", `${node.dataset.kind}/${node.dataset.id}`);

  function choose(node) {
    model.set("selected", { kind: node.dataset.kind, id: Number(node.dataset.id) });
    model.save_changes();
  }

  function mark() {
    const { kind, id } = model.get("selected");
    const all = nodes();
    const chosen = all.filter((n) => n.dataset.kind === kind && Number(n.dataset.id) === id);
    for (const node of all) {
      node.classList.toggle("is-selected", chosen.includes(node));
      node.setAttribute("tabindex", "-1"); // one stop for Tab, arrows move between nodes
    }
    (chosen[0] ?? all[0])?.setAttribute("tabindex", "0");
  }

  function draw(trait, part) {
    const active = part.contains(document.activeElement) ? document.activeElement : null;
    const scrolled = part.scrollTop;
    part.innerHTML = model.get(trait);
    part.hidden = part.innerHTML === "";
    part.scrollTop = scrolled;
    mark();
    if (active === null) return;
    const twin = [...part.querySelectorAll(`${NODE}, [data-action]`)].find(
      (each) => keyOf(each) === keyOf(active),
    );
    twin?.focus({ preventScroll: true });
    if (twin instanceof HTMLInputElement) {
      twin.value = active.value; // what was typed since Python was asked stays
      twin.setSelectionRange(active.selectionStart, active.selectionEnd);
    }
  }

  surface.addEventListener("click", ({ target }) => {
    const control = target.closest("[data-action]");
    const node = target.closest(NODE);
    if (control === null && node !== null) choose(node);
    else if (control instanceof HTMLButtonElement) {
      send(control.dataset.action, control.dataset.value ?? "");
    }
  });

  surface.addEventListener("dblclick", ({ target }) => {
    const node = target.closest(NODE);
    if (node !== null) open(node);
  });

  surface.addEventListener("keydown", (event) => {
    event.stopPropagation();
    const node = event.target.closest(NODE);
    if (node === null || event.target !== node) return;
    const all = nodes();
    const step = NEXT[event.key];
    if (step !== undefined) {
      const next = all[(all.indexOf(node) + step + all.length) % all.length];
      node.setAttribute("tabindex", "-1");
      next.setAttribute("tabindex", "0");
      next.focus();
    } else if (event.key === "Enter" && event.shiftKey) open(node);
    else if (event.key === "Enter" || event.key === " ") choose(node);
    else return;
    event.preventDefault();
  });

  let typing;
  surface.addEventListener("input", ({ target }) => {
    if (target.dataset.action === undefined) return;
    clearTimeout(typing);
    typing = setTimeout(() => send(target.dataset.action, target.value), TYPING_PAUSE_MS);
  });

  for (const [trait, part] of parts) {
    model.on(`change:${trait}`, () => draw(trait, part));
    draw(trait, part);
  }
  model.on("change:selected", mark);
}

export default { render };
