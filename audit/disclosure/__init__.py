"""Algorithm disclosure: what every algorithm does, for whom, and how accurate it measured."""
