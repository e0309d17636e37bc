"""What an applicant of a demo county fills in otherwise than the example of a guide: the days and places that fit the filing."""

from datetime import date, timedelta
from typing import Any


def fitting(template: str, on: date, here: str, there: str) -> dict[str, Any]:
    """Return the answers that follow from the day of filing and from the two places, both by full name: of a template, by its key."""
    match template:
        case "driving-licence-renewal":  # within the ninety days before it expires, for the third time
            expires = (on + timedelta(days=50)).replace(day=1)
            return {
                "expires_on": f"{expires}", "first_issued_on": f"{expires.replace(year=expires.year - 16)}",
                "health_checked_on": f"{on - timedelta(days=9)}",
            }  # fmt: skip
        case (
            "cross-province-medical-filing"
        ):  # whoever handles it insures the applicant, who is treated where they are now
            return {
                "insured_place": there, "treatment_place": here, "starts_on": f"{on + timedelta(days=3)}",
                "ends_on": f"{on + timedelta(days=180)}",
            }  # fmt: skip
        case "disability-certificate-renewal":
            return {"certificate_expires_on": f"{on + timedelta(days=41)}"}
        case "senior-preference-card":
            return {"household_address": f"{here}演示路1号"}
    return {}
