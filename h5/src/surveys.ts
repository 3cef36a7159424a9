// The question after an order: asked on 我的 until it is answered or left.
import { ask } from "./api/client";
import { MySurveyDocument } from "./api/generated";
import { recall } from "./state/storage";

/** Kept on the device: the last question that somebody did not care to answer. Says nothing about a person. */
export const SURVEY_LEFT = "surveyLeft";

/** The number of the order that a question waits for, if it was not left before; a failure is no question. */
export async function waitingSurvey(): Promise<string> {
  const found = await ask(MySurveyDocument).then(({ mySurvey }) => mySurvey, () => null);
  return found && recall(SURVEY_LEFT, "") !== found.id ? found.orderNumber : "";
}

/** Is this the order that a question waits for? Asked on its own page, left before or not. */
export const asksAbout = async (number: string): Promise<boolean> =>
  ask(MySurveyDocument).then(({ mySurvey }) => mySurvey?.orderNumber === number, () => false);
