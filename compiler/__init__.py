"""The compiler: from syntax trees to decisions about claims."""
