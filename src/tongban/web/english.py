"""
Refusals in English, by code. The sentences of the lower layers are Chinese and name the thing; an English page says by
the code what was refused and what to do next, and shows the original beside it, marked as Chinese.
"""

import re
from collections.abc import Mapping
from typing import Any, Final

from django.utils.html import format_html
from django.utils.translation import get_language

from tongban.accounts.identifiers import BadIdentifier
from tongban.kernel.journal.numbers import BadNumber
from tongban.web import numbering

HAN: Final = re.compile(r"[\u4e00-\u9fff]")
OTHERWISE: Final = "This was not done. Please see the original sentence, or ask at the window."
SENTENCES: Final[dict[str, str]] = {
    "account_has_matters_under_way": "The account was not closed: something is still going on. Wait until it ends, or withdraw it.",
    "data_copies_too_many": "You have taken as many copies today as a day allows. Please use the one you saved, or come back tomorrow.",
    "data_copy_under_way": "Another copy is being downloaded. Please wait for it; if it broke off, try again in two hours.",
    "fresh_sign_in_needed": "Please sign in with the identity service once more, and come back within ten minutes.",
    "act_not_allowed": "The case is not at a point at which this may be done. Reload the page and choose what is offered now.",
    "agreement_contradicts": "This does not go with the agreement that this node holds. Look at the present version first.",
    "agreement_invalid": "This cannot be an agreement as it is filled in, or its text is another one. Please check it.",
    "agreement_not_authentic": "A signature of the agreement or notice does not hold, or is missing. Please ask the other side.",
    "agreement_suspended": "The two places have suspended new cases on this item. Apply later, or where it is decided.",
    "drafts_too_large": "Your drafts have no room for more files. Remove some, or give up a draft under My cases, then upload again.",
    "drafts_too_many": "You have as many unfiled drafts as you may. File one or give one up under My cases, then begin a new one.",
    "drafts_too_many_today": "You have begun as many applications today as you may. Go on with one of them, or begin anew tomorrow.",
    "already_appointed": "This person holds the post already; nothing was changed.",
    "already_registered": "This is registered already; nothing was changed.",
    "answer_code_wrong": "The answer code does not fit the case, so nothing was adopted. It stands on the receipt and on the case's page.",
    "request_too_slow": "What was sent did not arrive in time; nothing was done. Please check the connection and try again.",
    "request_too_large": "What was sent is too large; nothing was done. Please send less at once.",
    "requests_too_many": "Too much is being sent right now. Please try again in a moment.",
    "json_too_large": "What was sent has too many members or levels; nothing was done.",
    "length_unreadable": "The length of the request is no number; nothing was done.",
    "api_key_elsewhere": "The key of this program may not be used from this network address.",
    "api_key_expired": "The key of this program has expired. Please ask who manages the accounts for a new one.",
    "api_key_not_for_pages": "The key of a program opens the interface for programs only, and no page. Please sign in with an account.",
    "beyond_api_key": "The key of this program was issued for something else only. Please ask who manages the accounts.",
    "assurance_too_low": "The identity service is not sure enough who you are. Sign in with face recognition, or go to the window.",
    "bad_credentials": "Not signed in: name and password do not fit. Try again, or ask who manages the accounts.",
    "moved_meanwhile": "Somebody else has dealt with the case meanwhile. Look at it as it stands now, then try again.",
    "nothing_to_find": "Give a name of two characters or more, a telephone, the last six of an identity number, or part of a case number.",
    "saved_views_too_many": "You have as many saved filters as you may. Delete one first.",
    "saved_view_name_taken": "You have saved filters under this name already. Choose another name.",
    "matter_parked": "The matter waits for a person to look into it; nothing else is done to it until then.",
    "busy": "Too many people are doing this at this very moment, so nothing was done. Please try again in a few seconds.",
    "checks_incomplete": "Some mandatory checks have no answer yet. Answer each of them first.",
    "scan_missing": "A material is said to be in order, but there is no scan of it. Scan it, or write why there is none.",
    "not_turnable": "This kind of file cannot be turned. Please scan it again.",
    "card_unreadable": "What was read is no known format, and nothing was filled in. Read it again, or type it in.",
    "no_such_day": "There is no such day. Write year-month-day, for example 2026-01-31.",
    "checksum_mismatch": "A part of the file arrived damaged. Please upload it again.",
    "clock_disagrees": "The clock of this node may be wrong, so nothing is recorded. Please tell whoever runs it.",
    "clock_went_backwards": "The clock of this node is wrong, so nothing is recorded. Please tell whoever runs it.",
    "code_missing": "Please type the code first.",
    "code_used": "This code was used already; each counts once. Wait for the next one, or use another recovery code.",
    "content_destroyed": "The content was destroyed as the law provides; only the record remains.",
    "content_missing": "The content has not arrived yet. Please reload the page a little later.",
    "draft_already_filed": "This draft was filed and is a case now. Find it among your cases.",
    "draft_changed_meanwhile": "Not saved by itself: the draft was changed elsewhere. Reload to see it, or press “Save and continue”.",
    "draft_exists": "This number is taken. Please begin again.",
    "not_asked_for": "This was not asked to be put right. Only what the notice names can be changed.",
    "number_taken": "Another letter took this number at the same moment, so nothing was done. Please press again.",
    "phrase_unfit": "A ready phrase does not fit the outcome or is not so. Choose another, or say it in your own words.",
    "phrase_changed": "The wording of a ready phrase has changed meanwhile. Read it anew and choose again.",
    "phrase_blank": "Something in a ready phrase was left empty. Fill it in.",
    "phrase_invalid": "A ready phrase is not well formed. Please tell whoever keeps the phrases.",
    "issuer_unknown": "This office has not been entered as one that issues letters. Please tell whoever runs this node.",
    "issuers_invalid": "The list of issuing offices is not well formed; nothing was entered.",
    "remedy_missing": "The reviewing authority or court of this office is not entered, so nothing adverse can be issued.",
    "no_seal_in_use": "The letter was not sealed: this office has no seal in use. Please tell whoever runs this node.",
    "seal_expired": "The letter was not sealed: the seal of this office is out of date. Please tell whoever runs this node.",
    "seal_revoked": "The letter was not sealed: the seal of this office was revoked. Please tell whoever runs this node.",
    "seal_key_lost": "The letter was not sealed: the key of the seal can't be opened. Please tell whoever runs this node.",
    "pdf_unreadable": "This is no PDF, or a damaged one, so nothing was checked. Please use the original file.",
    "file_dangerous": "The file was not taken: it holds a script, an attachment or a virus. Please send a plain scan or photo.",
    "file_disguised": "The file was not taken: its name says one type and its content another. Please save it anew.",
    "file_refused": "The file was not taken; nothing was stored. Please choose another.",
    "file_too_large": "The file is too large for this material. Please scan it with fewer dots, or in parts.",
    "file_type_not_accepted": "Files of this type are not taken for this material. The accepted types stand beside it.",
    "file_unchanged": "This is the very file that was handed in before, so it was not kept again. Please send a corrected one.",
    "file_unreadable": "The file is empty, damaged, locked or cut off. Please open it, save it anew and send it again.",
    "fonts_missing": "Letters cannot be printed: the Chinese fonts are missing. Please tell whoever runs this node.",
    "foreign_origin": "This was sent by a page of another site, so it was not done. Please open this site and do it here.",
    "form_faulty": "The form has answers that cannot be right. Please correct what is marked.",
    "form_unreadable": "What was sent is no form. Please go back and send it from the page.",
    "guide_invalid": "This is no lawful guide; nothing was saved. The original sentence names what is wrong with it.",
    "guide_moved_meanwhile": "Another version of this guide was published meanwhile. Reload the page and try again.",
    "guide_unchanged": "This says nothing else than the guide in force, so there is nothing to check or publish.",
    "identity_differs": "What the identity service says is not what is on record here; nothing was changed. Ask at the window.",
    "identity_withheld": "The identity service did not say who you are in a way that can be checked here. Ask at the window.",
    "identity_taken": "Another account has proved this identity. Please sign in with that account.",
    "intake_unreachable": "The other place cannot be reached now. Nothing was sent; please try again later.",
    "invalid_input": "What was entered cannot be right; nothing was changed. Please correct it and try again.",
    "letter_not_due": "The case has not come to the point at which this letter is issued.",
    "login_too_long": "No account has a name that long. Please check it and enter it again.",
    "login_taken": "Somebody has registered with this login. Please choose another.",
    "material_already_stated": "This file is part of the record and cannot be taken back. Hand in another instead.",
    "look_not_recorded": "Not opened: that you look cannot be written down now, and nothing is shown unrecorded. Please try again later.",
    "material_held": "The file waits for the virus scanner, or a virus was found in it; nobody can open it now.",
    "material_not_asked": "The guide asks for no such material. Please choose from the list.",
    "materials_held": "Some files still wait for the virus scanner. Please try again in a few minutes.",
    "materials_incomplete": "Materials that must be handed in are missing. Please add what is named.",
    "materials_too_large": "The materials of this case are too many or too large together. Remove what is not needed.",
    "no_agreement": "The two places have no agreement on this item, so it cannot be filed here. Apply where it is decided.",
    "no_post": "Not signed in: you hold no post here now. Please ask who manages the accounts.",
    "node_not_ready": "This node is being restored and may only be read. Please try again later.",
    "not_found": "There is no such thing, or none that you may see. Please check the number.",
    "not_permitted": "Your post or place does not allow this. Sign in with a post that does.",
    "offering_closed": "This item is paused or withdrawn, so nobody can apply for it now. What you filled in is kept.",
    "nothing_to_confirm": "Nobody has asked for this reset within a day. Ask who manages the accounts to do so first.",
    "break_glass_needed": "Not bound: this is the last manager of accounts who signs in by a password, kept for when the service is down.",
    "no_post_to_choose": "There is no post to choose, or it is too long ago. Please sign in again from the sign-in page.",
    "oneself_not_bound": "Nobody binds or unbinds their own account. Another manager of accounts does.",
    "password_sign_in_off": "Your account signs in with your office's identity service, and no longer by a password.",
    "proved_too_long_ago": "You proved who you are at the identity service too long ago. Sign out there, then sign in again.",
    "staff_account_closed": "Your account on this node is closed. If you still work here, ask who manages the accounts.",
    "staff_identity_bound": "Not bound: the account or the subject is bound already. Unbind it first.",
    "staff_identity_not_bound": "Not unbound: the account is not bound to this service. Please reload the page.",
    "staff_unknown_to_node": "The identity service knows you, but no account on this node is bound to you. Ask who manages the accounts.",
    "still_signed_in_there": "You are signed out here, but not at the identity service. Sign out on its own page, or close the browser.",
    "oneself_not_reset": "Nobody resets their own second factor. One who manages accounts asks, another person confirms.",
    "own_request_not_confirmed": "Who asked for a reset does not confirm it. Another person has to.",
    "passkey_copied": "This passkey counts backwards, so it may have been copied. Sign in another way and remove it.",
    "passkey_refused": "The passkey was not accepted. Reload the page and try again, or use a code.",
    "password_change_needed": "Please change the password you were given first.",
    "password_too_weak": "This password would be guessed; nothing was changed. Please choose a longer one.",
    "password_used_before": "This is one of your last three passwords; nothing was changed. Please choose another one.",
    "post_choice_needed": "You hold several posts; choose the one for this time.",
    "power_lacking": "The agreement between the two places does not give this power.",
    "powers_apart": "These powers must lie with different people; nothing was changed.",
    "provider_answer_faulty": "The answer of the identity service cannot be trusted. Please try again, or sign in another way.",
    "provider_away": "The identity service does not answer. Please try again later, or sign in another way.",
    "provider_refused": "The identity service did not let you in, or you stopped there. Please try again.",
    "provider_unknown": "There is no such identity service here. Please sign in another way.",
    "scanner_away": "The virus scanner does not answer, so the file was not taken. Please try again later.",
    "second_factor_needed": "The password is right. Please do the second step: a code, a recovery code or a passkey.",
    "second_factor_not_set_up": "Your post demands two-step sign-in. Please enrol an authenticator app or a passkey first.",
    "second_factor_stays": "Your post demands two-step sign-in, so the last one cannot be removed. Enrol another first.",
    "second_proof_needed": "Before you change two-step sign-in, please verify again.",
    "second_step_due": "The second step of signing in is still to come. Please do it first.",
    "session_ended": "Your session has ended. Please sign in again.",
    "sign_in_needed": "Please sign in first.",
    "sign_in_not_begun": "This sign-in was not begun in this browser, or too long ago. Please begin again.",
    "sms_code_expired": "The ten minutes of this code are over. Please ask for a new one.",
    "sms_code_spent": "This code was typed wrongly five times and works no more. Please ask for a new one.",
    "sms_code_used": "This code was used already; it works once. Please ask for a new one.",
    "sms_code_wrong": "The code is not right. Check the six digits in the message; if none came, wait a little or ask for a new one.",
    "not_to_be_helped": "No window files this for somebody: it takes it in, or no code can be sent. Help with their own account.",
    "no_telephone": "The form gives no mobile number. Fill it in first: the code goes there.",
    "storage_full": "This node has no room left, or its disk fails: this was not stored. Please tell whoever runs it, then try again.",
    "too_many_sms_codes": "Too many codes were asked for. Please try again in an hour, or ask at the window with your identity card.",
    "throttled": "Too many failed attempts. Please wait a few minutes and try again.",
    "grant_decided": "Somebody has decided about this before. Reload the page and look again.",
    "grant_waits_already": "This post is proposed for this person already. Another account manager has to countersign it.",
    "hall_has_windows": "The hall still has windows in use. Close each of them first.",
    "last_manager": "This is the last account manager there. Appoint another one first.",
    "leave_over": "The leave was cancelled before, or is over. Reload the page and look again.",
    "leave_overlaps": "This person is away on one of these days already. Cancel that leave first, or choose other days.",
    "no_staff_list": "The file is no list of staff as it is taken here. Download the template, fill it in and send it as xlsx.",
    "own_grant_not_countersigned": "Nobody countersigns what they proposed. Another account manager does.",
    "own_post_not_countersigned": "Nobody has a hand in being given a post. Another account manager countersigns.",
    "place_closed": "This is closed already. Reload the page and look again.",
    "place_name_taken": "Another one there has this name, perhaps a closed one. Choose another name.",
    "second_manager_needed": "This post decides, so another account manager has to countersign it. Propose it on the accounts page.",
    "staff_list_changed_meanwhile": "People or posts have changed since the list was sent. Look at it again, then confirm.",
    "still_holds_duties": "This person has claimed duties that are still open. Give them back or pass them on first.",
    "substitute_away": "Whoever is to stand in is away on one of these days. Choose somebody else.",
    "substitute_unfit": "A substitute is of the same bureau and has all the permissions there. Choose somebody else.",
    "username_taken": "Somebody has this user name. Please choose another.",
    "upload_busy": "This file is being uploaded already. Please wait until it has arrived.",
    "upload_elsewhere": "The upload stands elsewhere than expected. Please choose the file again; it goes on where it stopped.",
    "upload_gone": "What had arrived of the file is lost. Please upload it again.",
    "visit_over": "The time to look is over, or you have left. Please ask for a new code with the number.",
    "wrong_password": "The present password is not right; nothing was changed. Please try again.",
    "wrong_second_factor": "The code is wrong or too old. Type the 6 digits that the phone shows now, or a recovery code.",
    "consultation_ground_unknown": "Nothing was opened: choose one of the listed grounds.",
    "consultation_reason_missing": "Nothing was opened: write why you have to see the materials of this case.",
    "consultation_reason_too_short": "Nothing was opened: the reason is too short to say why. Please write more.",
    "consultation_reason_too_long": "Nothing was opened: the reason is too long. Please shorten it.",
    "consultation_open": "You are consulting this case already. Go back to the page of the materials and read on.",
    "nothing_to_consult": "Nothing was opened: the content of this case was destroyed. What was done can still be read.",
    "alarm_closed": "Somebody has closed this already; nothing was changed. Please reload the page.",
    "bad_number": "This is no case number: check the number on the receipt character by character.",
    "bad_identifier": "This number is not right: its check character does not fit. Please check it.",
}  # fmt: skip


def marked(text: object) -> str:
    """Return a text that a county wrote, marked as Chinese on an English page, so that it is read aloud as Chinese."""
    said = str(text or "")
    return format_html('<span lang="zh-Hans">{}</span>', said) if is_asked() and HAN.search(said) else said


def name_of(name: str, english: str) -> str:
    """Return what an item is called: in English where its guide says so and the page is English, else as marked."""
    return english if english and is_asked() else marked(name)


def name_in_guide(name: str, guide: Mapping[str, Any] | None) -> str:
    """Return what an item is called, for a case that knows its guide, or has yet to receive it."""
    return name_of(name, (guide or {}).get("name_in", {}).get("en", ""))


def is_asked() -> bool:
    """Return whether the page is in English."""
    return (get_language() or "").startswith("en")


def lead(sentence: str, code: str) -> str:
    """Return what an English page says instead of a Chinese sentence of a lower layer; nothing where it needs none."""
    return SENTENCES.get(code, OTHERWISE) if is_asked() and HAN.search(sentence) else ""


def code_of(refusal: Exception) -> str:
    """Return the code of a refusal; what is wrong with a number is told by what kind of number it is."""
    plain: dict[type[Exception], str] = {BadNumber: "bad_number", BadIdentifier: "bad_identifier"}
    return getattr(refusal, "code", "") or plain.get(type(refusal), "")


def told(refusal: Exception) -> str:
    """Return the sentence of a refusal for the reader of a page, to stand beside a field."""
    sentence = numbering.in_sentence(str(refusal))
    english = lead(sentence, code_of(refusal))
    return format_html('{} <span lang="zh-Hans">{}</span>', english, sentence) if english else sentence
