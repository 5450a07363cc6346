"""What Schemathesis is told of this API beyond its description."""

import json
import re
from decimal import Decimal, InvalidOperation, getcontext

import schemathesis
from schemathesis.generation.case import Case

# As many digits as an amount may be sent with, exactly.
getcontext().prec = 100

DEFAULT_CURRENCY = "USD"
AMOUNTS = ("deposit", "amount", "balance", "to_amount", "fixed", "least", "most")
# Which field of a body names the currency of an amount, where it is not `currency`.
CURRENCY_FIELDS = {"amount": ("currency", "from"), "to_amount": ("to",)}

# Requests that fit the description and are refused for what there is: funds, keys, searches.
REFUSED_FOR_WHAT_THERE_IS = {
    "insufficient-funds",
    "deposit-failed",
    "redrive-not-funded",
    "transfer-not-funded",
    "refund-exceeds-deposit",
    "hold-not-funded",
    "capture-exceeds-hold",
    "idempotency-key-reused",
    "search-too-wide",
    "same-currency",
    "conversion-not-funded",
    "conversion-too-small",
    "conversion-too-large",
}
# The same of single fields, and what a description cannot say because it is about several fields at once: the field that is
# named, and words of what is said of it.
TOLD_OF_FIELDS = {
    "letters": "none exist with",
    "created_before": "must be later than created_after",
    "amount_max": "must not be less than amount_min",
    "query": "must have only one of",
    "currency": ", the currency of the (deposit|hold|wallet)",
    "to_wallet_id": "must be (another wallet|a wallet)",
    "to_user_id": "must be another user",
    "deposit": "must (be more than|come to at most .* with) the fee",
    "amount": "must be more than the fee",
    "most": "must not be less than least",
    "valid_from": "must not be in the past|is when fee",
    "valid_to": "must not be in the past|must be later than|must not be later than",
    "by": "is required to override evidence",
    "reason": "is required to override evidence",
}


def is_expected(error, case: Case, errors) -> bool:
    field, message = error["field"], error["message"]
    if field in TOLD_OF_FIELDS and re.search(TOLD_OF_FIELDS[field], message):
        return True
    # How many decimals an amount has, and how large it can be, goes by the currency beside it; nothing else of an amount does.
    query = case.query if isinstance(case.query, dict) else {}
    body = {**query, **(case.body if isinstance(case.body, dict) else {})}
    # An amount of a wallet that the address names is in that wallet's currency, which only the answer says, also where the body says another.
    told = [re.match(r"must be ([A-Z]{3}), the currency of", other["message"]) for other in errors if other["field"] == "currency"]
    named = [match[1] for match in told if match] or [body[name] for name in CURRENCY_FIELDS.get(field, ("currency",)) if name in body]
    currency = str(named[0]) if named else "[A-Z]{3}"
    if field not in AMOUNTS or field not in body or currency == DEFAULT_CURRENCY:
        return False
    amount = read_amount(body[field])
    if amount is None:
        return False
    too_fine = re.fullmatch(rf"must have at most (\d) decimals in {currency}", message)
    if too_fine:
        return -amount.normalize().as_tuple().exponent > int(too_fine[1])
    too_large = re.fullmatch(r"must be at most (\d+(?:\.\d+)?)", message)
    return too_large is not None and amount > Decimal(too_large[1])


def read_amount(value) -> Decimal | None:
    """As the API reads it: a number by its digits, or a string."""
    try:
        return Decimal(str(value)) if not isinstance(value, bool) else None
    except InvalidOperation:
        return None


@schemathesis.check
def fitting_requests_are_understood(ctx, response, case: Case) -> None:
    """A request that fits its description is never answered that it does not fit."""
    if case.meta is None or not case.meta.generation.mode.is_positive:
        return
    if response.status_code not in (400, 406, 413, 415, 422):
        return
    # The default fee has no id, and the examples of answers are tried as addresses.
    if any(value in (None, "null") for value in (case.path_parameters or {}).values()):
        return
    problem = json.loads(response.content)
    errors = problem.get("errors", [])
    if problem["code"] in REFUSED_FOR_WHAT_THERE_IS or (errors and all(is_expected(error, case, errors) for error in errors)):
        return
    raise AssertionError(f"a request that fits was refused: {problem['code']}: {problem['detail']}")


@schemathesis.hook
def map_body(context, body):
    """`multipleOf: 0.01` is exact in JSON; a float that was multiplied is off by its last digits."""
    if isinstance(body, dict):
        for name in AMOUNTS:
            value = body.get(name)
            if isinstance(value, float) and abs(value) < 1e12:
                cents = round(Decimal(value), 2)
                if abs(Decimal(value) - cents) < Decimal("1e-9") * max(1, abs(cents)):
                    body[name] = float(cents)
        percent = body.get("percent")
        if isinstance(percent, float) and abs(Decimal(percent) - round(Decimal(percent), 4)) < Decimal("1e-9"):
            body["percent"] = float(round(Decimal(percent), 4))
    return body


def in_digits(values):
    """A whole number of JSON may be written `2.0`; in an address the API takes digits alone."""
    if not isinstance(values, dict):
        return values
    return {name: int(value) if isinstance(value, float) and value.is_integer() else value for name, value in values.items()}


@schemathesis.hook
def map_query(context, query):
    return in_digits(query)


@schemathesis.hook
def map_headers(context, headers):
    return in_digits(headers)


@schemathesis.hook
def map_path_parameters(context, path_parameters):
    return in_digits(path_parameters)


@schemathesis.hook
def filter_failure(context, failure, case: Case, response) -> bool:
    """A header that nobody knows is no fault of a request: clients and proxies send what they like."""
    is_about_the_request = type(failure).__name__ == "AcceptedNegativeData"
    return not (is_about_the_request and "x-schemathesis-unknown-property" in (case.headers or {}))
