"""The rules of a module definition, by what they are about; `stdbctl.schema.validation` runs them."""
