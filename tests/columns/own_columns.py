"""The settings that name all columns."""

NAMES = [
    "success",
    "errors",
    "user",
    "token",
    "input",
    "request",
    "info",
    "cls",
    "keys",
    "name",
    "type",
    "description",
    "interfaces",
    "data",
    "instance",
    "_hidden",
    "camelCase",
]
KINDS = {
    "big": "BigInt", "flag": "Boolean", "box": "Boolean", "char": "String", "nick": "String", "role": "String",
    "level": "Int", "day": "Date", "moment": "DateTime", "price": "Decimal", "worked": "String", "mail": "String",
    "path": "String",
    "ratio": "Float", "ip": "String", "count": "Int", "extra": "JSONString", "big_size": "BigInt", "size": "Int",
    "small_size": "Int", "slug": "String", "small": "Int", "text": "String", "time": "Time", "token_id": "UUID",
    "group": "ID", "mentor": "ID",
} | dict.fromkeys(NAMES, "String")  # fmt: skip
ORDER = ["gt", "gte", "lt", "lte", "range"]
LOOKUPS = ["exact", "in", "isnull"]
TEXT = ["iexact", "contains", "icontains", "startswith", "istartswith", "endswith", "iendswith"]
DATE = ["year", "iso_year", "month", "day", "week", "week_day", "iso_week_day", "quarter", "year__gte", "month__in"]
TIME = ["hour", "minute", "second"]
# Names of arguments of the resolver: `check` names them in a filter.
RESERVED = ["info", "cls"]
TEXTS = ["char", "nick", "role", "mail", "path", "slug", "text", *NAMES]
FILTERS = (
    {"id": LOOKUPS, "group": LOOKUPS, "flag": LOOKUPS, "box": LOOKUPS, "ip": LOOKUPS, "extra": ["isnull"]}
    | dict.fromkeys(["big", "level", "price", "worked", "ratio", "count"], LOOKUPS + ORDER)
    | dict.fromkeys(["big_size", "size", "small_size", "small", "token_id"], LOOKUPS + ORDER)
    | {"day": LOOKUPS + ORDER + DATE, "time": LOOKUPS + ORDER + TIME}
    | {"moment": LOOKUPS + ORDER + DATE + TIME + ["date", "time", "date__range", "time__hour"]}
    | dict.fromkeys([name for name in TEXTS if name not in RESERVED], LOOKUPS + ORDER + TEXT)
)
SETTINGS = {
    "REGISTER_MUTATION_FIELDS_OPTIONAL": KINDS,
    "UPDATE_MUTATION_FIELDS": KINDS,
    "USER_NODE_FILTER_FIELDS": FILTERS,
    "USER_NODE_EXCLUDE_FIELDS": ["password", "is_superuser", "binary"],
}
