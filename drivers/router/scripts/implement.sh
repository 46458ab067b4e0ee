# Run the router, or make the running one what it has to be.

alone
for link in "$bridge" "$tunnel" "$inner" "$outer"; do
    ours_or_free "$link"
done
make_folder
wire
make_space
lay_legs
refresh
