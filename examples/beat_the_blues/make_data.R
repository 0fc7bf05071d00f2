# Rscript make_data.R, in this folder: data/raw/btheb.csv is the data set BtheB of HSAUR3, whole and as it is.
# Not needed to run the example.
write.csv(HSAUR3::BtheB, "data/raw/btheb.csv", row.names = FALSE, quote = FALSE)
