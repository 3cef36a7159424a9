// What a member keeps with us to be filled in by itself later: passengers, payer numbers, vehicles, invoice titles.
import { ask, ensure } from "./api/client";
import {
  InvoiceTitleSaveDocument, InvoiceTitlesDocument, PassengerSaveDocument, PassengersDocument, PayerNumberSaveDocument, PayerNumbersDocument,
  RecordDeleteDocument, VehicleDoneDocument, VehicleSaveDocument, VehiclesDocument, type MemberRecordKind, type MemberVehicleDue,
} from "./api/generated";
import { daysUntil } from "./format";
import { wordsOf, type Field, type Form, type Problems } from "./forms";
import { isIdNumber } from "./papers";
import { m } from "./memberTexts";

export interface Row {
  id: string;
  title: string;
  lines: string[];
  tag?: string;
  /** Something is due soon, or over. */
  warning?: string;
  form: Form;
}

export interface Deed {
  words: string;
  question: string;
  done: string;
  run: (id: string) => Promise<void>;
}

export interface Book {
  kind: MemberRecordKind;
  words: { title: string; add: string; empty: string; hint: string };
  most: number;
  fields: readonly Field[];
  fresh: Form;
  list: () => Promise<Row[]>;
  save: (id: string | null, input: Record<string, unknown>) => Promise<void>;
  /** What else can be done with one that is kept: a button's words, what is asked first, what is done. */
  deeds?: (form: Form) => Deed[];
  /** What is wrong before anything is sent. */
  check?: (form: Form, isNew: boolean) => Problems;
}

export type BookName = "passengers" | "payers" | "vehicles" | "titles";

/** Days before which a due date is told, and from which on it can be said to be done: the first reminder comes then. */
const SOON = 30, REMINDED = 60;

function doneDeed(what: MemberVehicleDue, label: string, date: unknown): Deed[] {
  if (!date || daysUntil(String(date)) > REMINDED) return [];
  return [{
    words: m.vehicles.done(label), question: m.vehicles.doneSure(label), done: m.vehicles.doneSaved,
    run: async (id) => ensure((await ask(VehicleDoneDocument, { id, what })).memberVehicleDone?.errors),
  }];
}

function due(label: string, date: string | null | undefined): string {
  const left = date ? daysUntil(date) : null;
  if (left === null || left > SOON) return "";
  return left < 0 ? m.vehicles.over(label, -left) : m.vehicles.soon(label, left);
}

export async function dropRecord(kind: MemberRecordKind, id: string): Promise<void> {
  ensure((await ask(RecordDeleteDocument, { kind, id })).memberRecordDelete?.errors);
}

const passengers: Book = {
  kind: "PASSENGER",
  words: m.passengers,
  most: 20,
  fresh: { name: "", kind: "ADULT", paper: "ID_CARD", number: "", birth: "", mobile: "" },
  fields: [
    { key: "name", label: m.passengers.name, kind: "text", placeholder: m.passengers.namePlaceholder, max: 40 },
    { key: "kind", label: m.passengers.kind, kind: "choice", options: m.passengers.kinds },
    { key: "paper", label: m.passengers.paper, kind: "choice", options: m.passengers.papers },
    { key: "number", label: m.passengers.number, kind: "text", placeholder: m.passengers.numberPlaceholder, max: 30 },
    { key: "birth", label: m.passengers.birth, kind: "date", placeholder: m.passengers.birthPlaceholder, years: [100, 0], when: (form) => form.paper !== "ID_CARD" },
    { key: "mobile", label: m.passengers.mobile, kind: "text", placeholder: m.passengers.mobilePlaceholder, input: "tel", max: 20 },
  ],
  list: async () => (await ask(PassengersDocument)).myPassengers.map((one) => ({
    id: one.id,
    title: one.name,
    tag: wordsOf(m.passengers.kinds, one.kind),
    lines: [`${wordsOf(m.passengers.papers, one.paper)} ${one.maskedNumber}`, ...(one.maskedMobile ? [one.maskedMobile] : [])],
    form: { name: one.name, kind: one.kind, paper: one.paper, number: "", birth: one.paper === "ID_CARD" ? "" : one.birth, mobile: "", "number.kept": one.maskedNumber, "mobile.kept": one.maskedMobile },
  })),
  save: async (id, input) => ensure((await ask(PassengerSaveDocument, { id, input })).memberPassengerSave?.errors),
  check: (form, isNew) => ({
    ...(String(form.name).trim() ? {} : { name: m.passengers.needName }),
    ...(!isNew && !form.number ? {} : form.paper === "ID_CARD" && !isIdNumber(String(form.number)) ? { number: m.passengers.wrongNumber } : {}),
  }),
};

const payers: Book = {
  kind: "PAYER",
  words: m.payers,
  most: 20,
  fresh: { service: "WATER", biller: "", number: "", label: "" },
  fields: [
    { key: "service", label: m.payers.service, kind: "choice", options: m.payers.services },
    { key: "biller", label: m.payers.biller, kind: "text", placeholder: m.payers.billerPlaceholder, max: 40 },
    { key: "number", label: m.payers.number, kind: "text", placeholder: m.payers.numberPlaceholder, max: 40 },
    { key: "label", label: m.payers.label, kind: "text", placeholder: m.payers.labelPlaceholder, max: 20 },
  ],
  list: async () => (await ask(PayerNumbersDocument)).myPayerNumbers.map((one) => ({
    id: one.id, title: one.label || one.biller, tag: wordsOf(m.payers.services, one.service), lines: [`${one.biller} ${one.maskedNumber}`],
    form: { service: one.service, biller: one.biller, number: "", label: one.label, "number.kept": one.maskedNumber },
  })),
  save: async (id, input) => ensure((await ask(PayerNumberSaveDocument, { id, input })).memberPayerNumberSave?.errors),
};

const vehicles: Book = {
  kind: "VEHICLE",
  words: m.vehicles,
  most: 10,
  fresh: { plate: "渝", model: "", vin: "", engine: "", registeredOn: "", inspectionDue: "", insuranceDue: "", remind: true },
  fields: [
    { key: "plate", label: m.vehicles.plate, kind: "plate", placeholder: m.vehicles.platePlaceholder },
    { key: "model", label: m.vehicles.model, kind: "text", placeholder: m.vehicles.modelPlaceholder, max: 40 },
    { key: "registeredOn", label: m.vehicles.registered, kind: "date", placeholder: m.vehicles.registeredPlaceholder, years: [40, 0] },
    { key: "inspectionDue", label: m.vehicles.inspection, kind: "date", placeholder: m.vehicles.duePlaceholder, years: [2, 10] },
    { key: "insuranceDue", label: m.vehicles.insurance, kind: "date", placeholder: m.vehicles.duePlaceholder, years: [2, 10] },
    { key: "remind", label: m.vehicles.remind, kind: "switch", hint: m.vehicles.remindHint },
    { key: "vin", label: m.vehicles.vin, kind: "text", placeholder: m.vehicles.six, max: 17 },
    { key: "engine", label: m.vehicles.engine, kind: "text", placeholder: m.vehicles.six, max: 20 },
  ],
  list: async () => (await ask(VehiclesDocument)).myVehicles.map((one) => ({
    id: one.id,
    title: one.plate,
    ...(one.newEnergy ? { tag: m.vehicles.newEnergy } : {}),
    lines: [one.model, [one.inspectionDue && `${m.vehicles.inspection} ${one.inspectionDue}`, one.insuranceDue && `${m.vehicles.insurance} ${one.insuranceDue}`].filter(Boolean).join(" · ")].filter(Boolean),
    warning: [due(m.vehicles.inspection, one.inspectionDue), due(m.vehicles.insurance, one.insuranceDue)].filter(Boolean).join("；"),
    form: {
      plate: one.plate, model: one.model, vin: "", engine: "", registeredOn: one.registeredOn ?? "", inspectionDue: one.inspectionDue ?? "", insuranceDue: one.insuranceDue ?? "", remind: one.remind,
      "vin.kept": one.hasVin ? m.vehicles.kept : "", "engine.kept": one.hasEngine ? m.vehicles.kept : "",
    },
  })),
  save: async (id, input) => ensure((await ask(VehicleSaveDocument, { id, input })).memberVehicleSave?.errors),
  deeds: (form) => [...doneDeed("INSPECTION", m.vehicles.inspection, form.inspectionDue), ...doneDeed("INSURANCE", m.vehicles.insurance, form.insuranceDue)],
  check: (form): Problems => (String(form.plate).length < 7 ? { plate: m.vehicles.needPlate } : {}),
};

const company = (form: Form): boolean => form.kind === "COMPANY";
const titles: Book = {
  kind: "TITLE",
  words: m.invoiceTitles,
  most: 20,
  fresh: { kind: "PERSONAL", title: "", taxNumber: "", email: "", address: "", phone: "", bank: "", account: "", isDefault: false },
  fields: [
    { key: "kind", label: m.invoiceTitles.kind, kind: "choice", options: m.invoiceTitles.kinds },
    { key: "title", label: m.invoiceTitles.name, kind: "text", placeholder: m.invoiceTitles.namePlaceholder, max: 100 },
    { key: "taxNumber", label: m.invoiceTitles.tax, kind: "text", placeholder: m.invoiceTitles.taxPlaceholder, max: 30, when: company },
    { key: "email", label: m.invoiceTitles.email, kind: "text", placeholder: m.invoiceTitles.emailPlaceholder, input: "email", max: 100, autocomplete: "email" },
    { key: "address", label: m.invoiceTitles.address, kind: "text", placeholder: m.invoiceTitles.optional, max: 100, when: company },
    { key: "phone", label: m.invoiceTitles.phone, kind: "text", placeholder: m.invoiceTitles.optional, input: "tel", max: 30, when: company },
    { key: "bank", label: m.invoiceTitles.bank, kind: "text", placeholder: m.invoiceTitles.optional, max: 60, when: company },
    { key: "account", label: m.invoiceTitles.account, kind: "text", placeholder: m.invoiceTitles.optional, max: 40, when: company },
    { key: "isDefault", label: m.invoiceTitles.isDefault, kind: "switch" },
  ],
  list: async () => (await ask(InvoiceTitlesDocument)).myInvoiceTitles.map(({ id, ...one }) => ({
    id, title: one.title, tag: one.isDefault ? m.invoiceTitles.default : "", lines: [`${wordsOf(m.invoiceTitles.kinds, one.kind)}${one.taxNumber ? ` · ${one.taxNumber}` : ""}`],
    form: { ...one },
  })),
  save: async (id, input) => ensure((await ask(InvoiceTitleSaveDocument, { id, input })).memberInvoiceTitleSave?.errors),
};

export const books: Record<BookName, Book> = { passengers, payers, vehicles, titles };
