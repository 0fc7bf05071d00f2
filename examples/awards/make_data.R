# Rscript make_data.R, in this folder: data/raw/awards.csv from the data set AchievementAwardsRCT of clubSandwich.
# Not needed to run the example. Pupils of 2001, the year in which awards were on offer; 15 of 20 columns, as they are
# (lagscore, which R holds with the last digits of single precision, to seven figures).
suppressMessages(library(clubSandwich))
all <- as.data.frame(AchievementAwardsRCT)
pupils <- subset(all, year == "2001", c(student_id, school_id, pair, school_type, treated, sex, siblings, immigrant,
                                        father_ed, mother_ed, lagscore, Bagrut_status, achv_math, achv_english, awarded))
pupils$lagscore <- signif(pupils$lagscore, 7)
write.csv(pupils, "data/raw/awards.csv", row.names = FALSE, quote = FALSE)
