"""What the commands of this project do on one's own machine: plan a parameter file, adopt a dataset group."""
