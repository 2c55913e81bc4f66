"""Everything that crosses a wire, and its only parsers."""
